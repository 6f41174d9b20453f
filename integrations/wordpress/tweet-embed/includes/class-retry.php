<?php
/**
 * Trying again later.
 *
 * @package TweetEmbed
 */

namespace TweetEmbed;

/**
 * One scheduled event a post, later each time, and in the end none.
 */
final class Retry {
	const HOOK = 'tweet_embed_retry';

	/** Seconds before each try. Two days in all: an outage is over by then, or somebody looks. */
	const DELAYS_S = array( 60, 300, 900, 3600, 10800, 21600, 43200, 86400 );

	/** The longest that the service may ask us to wait. */
	const LONGEST_S = 86400;

	/** How long a post that somebody has open in an editor is left alone. */
	const BUSY_S = 300;

	/**
	 * Hook the event to what heals a post.
	 *
	 * @param Healer $healer What heals a post.
	 */
	public function register( Healer $healer ) {
		add_action(
			self::HOOK,
			static function ( $post_id ) use ( $healer ) {
				$healer->heal( (int) $post_id, true );
			}
		);
	}

	/**
	 * Plan the next try of a post.
	 *
	 * @param int $post_id  The post.
	 * @param int $attempts How many tries there were since the last save.
	 * @param int $after    Seconds that the service asks for; 0 where it does not say.
	 * @return int When that is, as a Unix time; 0: no more tries.
	 */
	public static function plan( $post_id, $attempts, $after = 0 ) {
		if ( ! isset( self::DELAYS_S[ $attempts ] ) ) {
			self::cancel( $post_id );
			return 0;
		}
		return self::at( $post_id, min( self::LONGEST_S, max( self::DELAYS_S[ $attempts ], $after ) ) );
	}

	/**
	 * Plan a try of a post in so many seconds, in place of any other.
	 *
	 * @param int $post_id The post.
	 * @param int $seconds Seconds from now.
	 * @return int When that is, as a Unix time; 0 where WordPress would not plan it.
	 */
	public static function at( $post_id, $seconds ) {
		self::cancel( $post_id );
		$when = time() + $seconds;
		return true === wp_schedule_single_event( $when, self::HOOK, array( (int) $post_id ) ) ? $when : 0;
	}

	/**
	 * Forget the next try of a post.
	 *
	 * @param int $post_id The post.
	 */
	public static function cancel( $post_id ) {
		wp_clear_scheduled_hook( self::HOOK, array( (int) $post_id ) );
	}
}
