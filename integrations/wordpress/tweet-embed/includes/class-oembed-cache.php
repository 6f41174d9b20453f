<?php
/**
 * What WordPress remembers of embeds that failed.
 *
 * @package TweetEmbed
 */

namespace TweetEmbed;

/**
 * WordPress keeps a failed embed as `{{unknown}}` in the meta of the post, and does not ask again when readers come
 * (WP_Embed::shortcode). Such a row goes once the service answers.
 */
final class OEmbed_Cache {
	const UNKNOWN = '{{unknown}}';

	/**
	 * Watch for failures.
	 */
	public function register() {
		add_action( 'added_post_meta', array( $this, 'notice' ), 10, 4 );
		add_action( 'updated_post_meta', array( $this, 'notice' ), 10, 4 );
	}

	/**
	 * Plan another try of a post whose tweet could not be embedded just now.
	 *
	 * @param int    $meta_id The row.
	 * @param int    $post_id The post.
	 * @param string $key     Its key.
	 * @param mixed  $value   Its value.
	 */
	public function notice( $meta_id, $post_id, $key, $value ) {
		if ( self::UNKNOWN !== $value || 0 !== strpos( $key, '_oembed_' ) || wp_next_scheduled( Retry::HOOK, array( (int) $post_id ) ) ) {
			return;
		}
		$url = isset( $GLOBALS['wp_embed'] ) ? (string) $GLOBALS['wp_embed']->last_url : '';
		if ( ! OEmbed_Provider::is_tweet( $url ) ) {
			return;
		}
		$report = Report::of( $post_id );
		if ( Report::knows_as_absent( $report, $url ) ) {
			return;
		}
		$report['next_at'] = Retry::plan( $post_id, $report['attempts'] );
		Report::store( $post_id, $report );
	}

	/**
	 * Delete the failures that WordPress remembers of a post.
	 *
	 * @param int $post_id The post.
	 */
	public static function forget_failures( $post_id ) {
		foreach ( (array) get_post_meta( $post_id ) as $key => $values ) {
			if ( 0 === strpos( $key, '_oembed_' ) && in_array( self::UNKNOWN, $values, true ) ) {
				delete_post_meta( $post_id, $key );
			}
		}
	}
}
