<?php
/**
 * The plugin on the command line.
 *
 * @package TweetEmbed
 */

namespace TweetEmbed;

use WP_CLI;
use WP_Query;

/**
 * Heals the tweets of posts, with the service that the settings name.
 */
final class Command {
	const BATCH = 100;

	/**
	 * The settings.
	 *
	 * @var Settings
	 */
	private $settings;

	/**
	 * The service.
	 *
	 * @var Service
	 */
	private $service;

	/**
	 * What heals a post.
	 *
	 * @var Healer
	 */
	private $healer;

	/**
	 * Keep what it works with.
	 *
	 * @param Settings $settings The settings.
	 * @param Service  $service  The service.
	 * @param Healer   $healer   What heals a post.
	 */
	public function __construct( Settings $settings, Service $service, Healer $healer ) {
		$this->settings = $settings;
		$this->service  = $service;
		$this->healer   = $healer;
	}

	/**
	 * Heals old posts: all of the types in the settings, or those that are named.
	 *
	 * ## OPTIONS
	 *
	 * [<id>...]
	 * : Posts to heal. All, if none is named.
	 *
	 * [--post_type=<types>]
	 * : Types of posts, separated by commas. By default those in the settings.
	 *
	 * [--post_status=<states>]
	 * : States of posts, separated by commas.
	 * ---
	 * default: publish
	 * ---
	 *
	 * [--limit=<number>]
	 * : Stop after so many posts.
	 *
	 * ## EXAMPLES
	 *
	 *     wp tweet-embed heal
	 *     wp tweet-embed heal 17 23
	 *     wp tweet-embed heal --post_type=post --limit=100
	 *
	 * @param string[] $ids     Posts.
	 * @param string[] $options Options.
	 */
	public function heal( $ids, $options ) {
		$posts = $this->posts( array_map( 'absint', $ids ), $options );
		if ( ! $posts ) {
			WP_CLI::success( 'No such post.' );
			return;
		}
		$counts   = array_fill_keys( array( Healer::CHANGED, Healer::UNCHANGED, Healer::NO_TWEET, Healer::BUSY, Healer::TROUBLE ), 0 );
		$progress = \WP_CLI\Utils\make_progress_bar( 'Healing tweets', count( $posts ) );
		foreach ( $posts as $number => $post_id ) {
			$done = $this->healer->heal( $post_id, true );
			if ( is_wp_error( $done ) ) {
				WP_CLI::warning( "Post $post_id stays as it is: " . $done->get_error_message() );
				$done = Healer::TROUBLE;
			}
			++$counts[ $done ];
			$progress->tick();
			if ( 0 === ( $number + 1 ) % self::BATCH ) {
				$this->free_memory();
			}
		}
		$progress->finish();
		$told = sprintf(
			'%d changed, %d with nothing to change, %d without a tweet, %d open in an editor, %d in trouble.',
			...array_values( $counts )
		);
		if ( $counts[ Healer::TROUBLE ] ) {
			WP_CLI::error( $told );
		}
		WP_CLI::success( $told );
	}

	/**
	 * Tests the connection to the service.
	 *
	 * ## EXAMPLES
	 *
	 *     wp tweet-embed test
	 */
	public function test() {
		$done = $this->service->test();
		if ( is_wp_error( $done ) ) {
			WP_CLI::error( $done->get_error_message() );
		}
		WP_CLI::success( trim( sprintf( 'The service answered in %d ms. %s', $done['ms'], $done['version'] ) ) );
	}

	/**
	 * Find the posts.
	 *
	 * @param int[]    $ids     Those that are named.
	 * @param string[] $options Options.
	 * @return int[]
	 */
	private function posts( array $ids, array $options ) {
		$asked = array(
			'post_type'              => isset( $options['post_type'] ) ? explode( ',', $options['post_type'] ) : (array) $this->settings->get( 'post_types' ),
			'post_status'            => explode( ',', $options['post_status'] ?? 'publish' ),
			'posts_per_page'         => isset( $options['limit'] ) ? max( 1, absint( $options['limit'] ) ) : -1,
			'fields'                 => 'ids',
			'orderby'                => 'ID',
			'order'                  => 'ASC',
			'no_found_rows'          => true,
			'update_post_meta_cache' => false,
			'update_post_term_cache' => false,
		);
		if ( $ids ) {
			$asked['post__in'] = $ids;
		}
		return ( new WP_Query( $asked ) )->posts;
	}

	/**
	 * Let go of what WordPress has kept of the posts so far.
	 */
	private function free_memory() {
		global $wpdb;
		$wpdb->queries = array();
		if ( function_exists( 'wp_cache_flush_runtime' ) ) {
			wp_cache_flush_runtime();
		}
	}
}
