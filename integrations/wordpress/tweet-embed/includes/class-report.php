<?php
/**
 * What became of the tweets of a post, as kept beside it.
 *
 * @package TweetEmbed
 */

namespace TweetEmbed;

use WP_Error;

/**
 * The report of a post: one row of its meta, an array with the keys of EMPTY.
 *
 * `checked_at` and `next_at` are Unix times (0: never, no next try), `attempts` counts background tries since the last
 * save by an editor, `trouble` is the message of what kept the service from answering, `tweets` has a row a tweet:
 * `state` and `reason` as the service says them, `since` (when it changed to this state; 0 where it was never seen in
 * another), `url`, `tweet_id`, `name`, `handle`, `text`, `lang`, `dir`.
 */
final class Report {
	const META = '_tweet_embed_report';

	const EMPTY = array(
		'checked_at' => 0,
		'next_at'    => 0,
		'attempts'   => 0,
		'trouble'    => '',
		'tweets'     => array(),
	);

	const MAX_TEXT = 140;

	/**
	 * Read a post's report; EMPTY where there is none.
	 *
	 * @param int $post_id The post.
	 * @return array
	 */
	public static function of( $post_id ) {
		$stored = get_post_meta( $post_id, self::META, true );
		return is_array( $stored ) ? array_merge( self::EMPTY, $stored ) : self::EMPTY;
	}

	/**
	 * Store a post's report, or take it away where there is nothing to tell.
	 *
	 * @param int   $post_id The post.
	 * @param array $report  The report.
	 */
	public static function store( $post_id, array $report ) {
		if ( '' === $report['trouble'] && ! $report['tweets'] && ! $report['next_at'] ) {
			delete_post_meta( $post_id, self::META );
			return;
		}
		update_post_meta( $post_id, self::META, wp_slash( $report ) );
	}

	/**
	 * Write the report of an answer, or of the trouble that came in its place.
	 *
	 * @param array|WP_Error $answer What `Service::resolve` returned.
	 * @param array          $before The report so far: a state that stays keeps its time.
	 * @return array
	 */
	public static function from_answer( $answer, array $before ) {
		$report = array( 'checked_at' => time() ) + self::EMPTY;
		if ( is_wp_error( $answer ) ) {
			$report['trouble'] = $answer->get_error_message();
			$report['tweets']  = $before['tweets'];
			return $report;
		}
		foreach ( $answer['embeds'] as $embed ) {
			if ( is_array( $embed ) && is_string( $embed['state'] ?? null ) ) {
				$report['tweets'][] = self::row( $embed, $before['tweets'], $report['checked_at'] );
			}
		}
		return $report;
	}

	/**
	 * Tell whether a report has an address as that of a tweet that X does not show.
	 *
	 * @param array  $report The report.
	 * @param string $url    The address.
	 * @return bool
	 */
	public static function knows_as_absent( array $report, $url ) {
		$found = preg_match( '#/status(?:es)?/(\d+)#', $url, $match ) ? $match[1] : '';
		foreach ( $report['tweets'] as $tweet ) {
			if ( '' !== $found && $tweet['tweet_id'] === $found && in_array( $tweet['state'], array( 'gone', 'protected' ), true ) ) {
				return true;
			}
		}
		return false;
	}

	/**
	 * Write the row of one tweet.
	 *
	 * @param array $embed  The service's words.
	 * @param array $before The rows so far.
	 * @param int   $now    The time.
	 * @return array
	 */
	private static function row( array $embed, array $before, $now ) {
		$row = array( 'since' => 0 );
		foreach ( array( 'state', 'reason', 'tweet_id', 'lang', 'dir' ) as $name ) {
			$row[ $name ] = is_string( $embed[ $name ] ?? null ) ? sanitize_text_field( $embed[ $name ] ) : '';
		}
		$row['name']   = self::line( $embed['author_name'] ?? null );
		$row['handle'] = self::line( $embed['author_handle'] ?? null );
		$row['text']   = self::line( $embed['text'] ?? null );
		$row['url']    = is_string( $embed['url'] ?? null ) ? esc_url_raw( $embed['url'], array( 'https' ) ) : '';
		foreach ( $before as $known ) {
			if ( '' !== $row['tweet_id'] && $known['tweet_id'] === $row['tweet_id'] ) {
				$row['since'] = $known['state'] === $row['state'] ? $known['since'] : $now;
			}
		}
		return $row;
	}

	/**
	 * Cut a text to one line of a few words.
	 *
	 * @param mixed $text The text.
	 * @return string
	 */
	private static function line( $text ) {
		$text = is_string( $text ) ? sanitize_text_field( $text ) : '';
		return mb_strlen( $text ) > self::MAX_TEXT ? mb_substr( $text, 0, self::MAX_TEXT - 1 ) . '…' : $text;
	}
}
