<?php
/**
 * A post in, the same post with its tweets whole, out.
 *
 * @package TweetEmbed
 */

namespace TweetEmbed;

use WP_Error;
use WP_Post;

/**
 * Rewrites posts: while they are saved, and later those whose tweets were not to be had then.
 */
final class Healer {
	/** What became of a post, as `heal` returns it. */
	const CHANGED   = 'changed';
	const UNCHANGED = 'unchanged';
	const BUSY      = 'busy';
	const TROUBLE   = 'trouble';
	const NO_TWEET  = 'no_tweet';

	const STATUSES = array( 'publish', 'future', 'private', 'draft', 'pending' );

	/** Without one of these no text speaks of a tweet: most posts never leave this site. */
	const TRACE = '/@|＠|&#0*64|&#x0*40|&commat|twitter|tweet|t\.co\/|x\.com\/|\/status|\{\{(?:[<%]|&lt;)/i';

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
	 * What the service said of articles that are being saved, by a digest of what is stored.
	 *
	 * @var array
	 */
	private $answers = array();

	/**
	 * The post that is being healed; null while none is.
	 *
	 * @var WP_Post|null
	 */
	private $healing = null;

	/**
	 * Keep what it works with.
	 *
	 * @param Settings $settings The settings.
	 * @param Service  $service  The service.
	 */
	public function __construct( Settings $settings, Service $service ) {
		$this->settings = $settings;
		$this->service  = $service;
	}

	/**
	 * Hook into every save.
	 */
	public function register() {
		// Late: what is sent is what would be stored.
		add_filter( 'wp_insert_post_data', array( $this, 'on_save' ), 99 );
		add_action( 'wp_after_insert_post', array( $this, 'after_save' ), 10, 2 );
	}

	/**
	 * Tell whether a text could speak of a tweet at all.
	 *
	 * @param string $content The text.
	 * @return bool
	 */
	public static function has_trace( $content ) {
		return 1 === preg_match( self::TRACE, $content );
	}

	/**
	 * Rewrite what is about to be stored; in any trouble it is stored as typed.
	 *
	 * @param array $data The row, slashed, as WordPress is about to write it.
	 * @return array
	 */
	public function on_save( $data ) {
		if ( null !== $this->healing ) {
			// A post that is healed is no newer for it.
			$data['post_modified']     = $this->healing->post_modified;
			$data['post_modified_gmt'] = $this->healing->post_modified_gmt;
			return $data;
		}
		try {
			return $this->rewritten( $data );
		} catch ( \Throwable $fault ) { // Whatever another plugin's hook throws at us, an editor's words are saved.
			return $data;
		}
	}

	/**
	 * Store what became of a post's tweets, now that it has an id; plan another try where one can help.
	 *
	 * @param int     $post_id The post.
	 * @param WP_Post $post    The same.
	 */
	public function after_save( $post_id, $post ) {
		$digest = md5( $post->post_content );
		if ( null !== $this->healing || ! $this->takes( (array) $post ) ) {
			return;
		}
		if ( array_key_exists( $digest, $this->answers ) ) {
			$answer = $this->answers[ $digest ];
			unset( $this->answers[ $digest ] );
			$this->note( $post_id, $answer, 0 );
		} elseif ( ! self::has_trace( $post->post_content ) ) {
			Retry::cancel( $post_id );
			delete_post_meta( $post_id, Report::META );
		}
	}

	/**
	 * Send a stored post to the service, and store what comes back.
	 *
	 * @param int  $post_id    The post.
	 * @param bool $background Whether nobody waits for it.
	 * @return string|WP_Error CHANGED, UNCHANGED, NO_TWEET, BUSY (somebody edits it), or the trouble.
	 */
	public function heal( $post_id, $background = false ) {
		clean_post_cache( $post_id );
		$post = get_post( $post_id );
		if ( ! $post || ! $this->takes( (array) $post ) || ! self::has_trace( $post->post_content ) ) {
			Retry::cancel( $post_id );
			delete_post_meta( $post_id, Report::META );
			return self::NO_TWEET;
		}
		if ( $this->is_open_elsewhere( $post_id ) ) {
			Retry::at( $post_id, Retry::BUSY_S );
			return self::BUSY;
		}
		list( $stored, $answer ) = $this->ask( $post->post_content, $background );
		if ( $stored !== $post->post_content && ! $this->replace( $post, $stored ) ) {
			// Somebody saved meanwhile: what they saved has been looked at then.
			return self::BUSY;
		}
		$this->note( $post_id, $answer, Report::of( $post_id )['attempts'] + 1 );
		if ( is_wp_error( $answer ) ) {
			return $answer;
		}
		return $stored === $post->post_content ? self::UNCHANGED : self::CHANGED;
	}

	/**
	 * Tell whether a post is one that this plugin rewrites.
	 *
	 * @param array $row A row of posts.
	 * @return bool
	 */
	private function takes( array $row ) {
		return $this->settings->covers( $row['post_type'] )
			&& in_array( $row['post_status'], self::STATUSES, true )
			&& '' !== $this->settings->address();
	}

	/**
	 * Return a row with its content rewritten.
	 *
	 * @param array $data The row, slashed.
	 * @return array
	 */
	private function rewritten( array $data ) {
		if ( ! $this->settings->get( 'on_save' ) || ! $this->takes( $data ) ) {
			return $data;
		}
		if ( ( defined( 'DOING_AUTOSAVE' ) && DOING_AUTOSAVE ) || ( defined( 'WP_IMPORTING' ) && WP_IMPORTING ) ) {
			return $data;
		}
		$typed = wp_unslash( $data['post_content'] );
		/**
		 * Filters whether a post is rewritten when it is saved.
		 *
		 * @param bool  $rewrite Whether it is; true where its text could speak of a tweet.
		 * @param array $data    The row that is about to be stored, slashed.
		 */
		if ( ! apply_filters( 'tweet_embed_rewrite_on_save', self::has_trace( $typed ), $data ) ) {
			return $data;
		}
		list( $stored, $answer ) = $this->ask( $typed );
		// By its digest the answer is found again once the post has an id.
		$this->answers[ md5( $stored ) ] = $answer;
		if ( $stored !== $typed ) {
			$data['post_content'] = wp_slash( $stored );
		}
		return $data;
	}

	/**
	 * Send a content to the service; return what is to be stored, and the answer or the trouble.
	 *
	 * @param string $content The content.
	 * @param bool   $patient Whether nobody waits.
	 * @return array
	 */
	private function ask( $content, $patient = false ) {
		$answer = $this->service->resolve( $content, $patient );
		if ( is_wp_error( $answer ) || ! $answer['changed'] ) {
			return array( $content, $answer );
		}
		$stored = $this->storable( $answer['content'] );
		if ( null === $stored ) {
			return array( $content, Service::trouble( 'charset', __( 'The database of this site cannot hold the letters of the tweet.', 'tweet-embed' ), array( 'retry' => false ) ) );
		}
		return array( $stored, $answer );
	}

	/**
	 * Return a content as the column of the database can hold it; null where it cannot.
	 *
	 * WordPress refuses a whole post for one character that does not fit (wpdb::process_fields), and has looked at
	 * emoji by the time that we come.
	 *
	 * @param string $content The content.
	 * @return string|null
	 */
	private function storable( $content ) {
		global $wpdb;
		$charset = $wpdb->get_col_charset( $wpdb->posts, 'post_content' );
		if ( ! is_string( $charset ) || 'utf8mb4' === $charset ) {
			return $content;
		}
		if ( 'utf8' === $charset || 'utf8mb3' === $charset ) {
			$content = wp_encode_emoji( $content );
		}
		$charset = preg_replace( '/[^a-z0-9]/i', '', $charset );
		$held    = $wpdb->get_var( $wpdb->prepare( "SELECT CONVERT( CONVERT( %s USING $charset ) USING utf8mb4 )", $content ) ); // phpcs:ignore WordPress.DB.PreparedSQL.InterpolatedNotPrepared -- letters and digits.
		return $held === $content ? $content : null;
	}

	/**
	 * Replace the content of a stored post, unless somebody has changed it since it was read.
	 *
	 * @param WP_Post $post   The post as it was read.
	 * @param string  $stored Its new content.
	 * @return bool Whether it was replaced.
	 */
	private function replace( WP_Post $post, $stored ) {
		global $wpdb;
		wp_save_post_revision( $post->ID ); // The old words, to go back to.
		$wpdb->query( 'START TRANSACTION' );
		$now = $wpdb->get_var( $wpdb->prepare( "SELECT post_content FROM $wpdb->posts WHERE ID = %d FOR UPDATE", $post->ID ) );
		clean_post_cache( $post->ID );
		if ( $now !== $post->post_content ) {
			$wpdb->query( 'ROLLBACK' );
			return false;
		}
		$this->healing = $post;
		// Nobody is logged in where events run, and WordPress would take out what an administrator had put in.
		kses_remove_filters();
		// An old post is no news: nobody is pinged.
		$pings = remove_action( 'publish_post', '_publish_post_hook', 5 );
		try {
			$done = wp_update_post(
				wp_slash(
					array(
						'ID'           => $post->ID,
						'post_content' => $stored,
					)
				)
			);
			$wpdb->query( $done ? 'COMMIT' : 'ROLLBACK' );
		} catch ( \Throwable $fault ) {
			$wpdb->query( 'ROLLBACK' );
			clean_post_cache( $post->ID );
			throw $fault;
		} finally {
			$this->healing = null;
			kses_init();
			if ( $pings ) {
				add_action( 'publish_post', '_publish_post_hook', 5, 1 );
			}
		}
		return (bool) $done;
	}

	/**
	 * Tell whether somebody else has a post open in an editor.
	 *
	 * @param int $post_id The post.
	 * @return bool
	 */
	private function is_open_elsewhere( $post_id ) {
		if ( ! function_exists( 'wp_check_post_lock' ) ) {
			require_once ABSPATH . 'wp-admin/includes/post.php';
		}
		return (bool) wp_check_post_lock( $post_id );
	}

	/**
	 * Store what became of a post's tweets, and plan another try where one can help.
	 *
	 * @param int            $post_id  The post.
	 * @param array|WP_Error $answer   The service's answer, or the trouble.
	 * @param int            $attempts How many tries there were since the last save.
	 */
	private function note( $post_id, $answer, $attempts ) {
		$report = Report::from_answer( $answer, Report::of( $post_id ) );
		$again  = is_wp_error( $answer ) ? $answer->get_error_data()['retry'] : ! $answer['complete'];
		if ( $again ) {
			$after              = is_wp_error( $answer ) ? $answer->get_error_data()['after'] : $answer['retry_after'];
			$report['attempts'] = $attempts;
			$report['next_at']  = Retry::plan( $post_id, $attempts, $after );
		} else {
			Retry::cancel( $post_id );
		}
		if ( ! is_wp_error( $answer ) && $this->has_live_tweet( $answer ) ) {
			OEmbed_Cache::forget_failures( $post_id );
		}
		Report::store( $post_id, $report );
	}

	/**
	 * Tell whether an answer knows a tweet that X shows. Only then does asking again for an embed make sense.
	 *
	 * @param array $answer The service's answer.
	 * @return bool
	 */
	private function has_live_tweet( array $answer ) {
		foreach ( $answer['embeds'] as $embed ) {
			if ( in_array( $embed['state'] ?? '', array( 'embedded', 'kept' ), true ) ) {
				return true;
			}
		}
		return false;
	}
}
