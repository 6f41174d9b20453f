<?php
/**
 * What editors read.
 *
 * @package TweetEmbed
 */

namespace TweetEmbed;

/**
 * The service's states and reasons in an editor's words: one place for both editors.
 */
final class Phrases {
	/**
	 * Return a post's report as both editors show it: plain text, in the language of the user.
	 *
	 * @param array $report The report.
	 * @return array `summary`, `count` (for a title), `whole` (whether readers see all of them), `trouble` (empty: none), `next` (empty: no other try), `tweets`.
	 */
	public static function report( array $report ) {
		return array(
			'summary' => self::summary( $report ),
			'count'   => self::count( $report ),
			'whole'   => '' === $report['trouble'] && self::whole( $report ) === count( $report['tweets'] ),
			'trouble' => $report['trouble'],
			'next'    => self::next( $report ),
			'tweets'  => array_map( array( __CLASS__, 'tweet' ), $report['tweets'] ),
		);
	}

	/**
	 * Return one tweet as both editors show it.
	 *
	 * @param array $row A row of the report.
	 * @return array
	 */
	private static function tweet( array $row ) {
		$handle = '' === $row['handle'] ? '' : '@' . $row['handle'];
		return array(
			'state'  => $row['state'],
			'label'  => self::label( $row ),
			'why'    => self::why( $row ),
			'name'   => '' === $row['name'] && '' === $handle ? __( 'Author not known', 'tweet-embed' ) : $row['name'],
			'handle' => $handle,
			'text'   => $row['text'],
			'lang'   => $row['lang'],
			'dir'    => 'rtl' === $row['dir'] || 'ltr' === $row['dir'] ? $row['dir'] : 'auto',
			'url'    => $row['url'],
		);
	}

	/**
	 * Say in one line how it stands.
	 *
	 * @param array $report The report.
	 * @return string
	 */
	private static function summary( array $report ) {
		$all = count( $report['tweets'] );
		if ( ! $report['checked_at'] ) {
			return __( 'Not looked at yet. Tweets and t.co links are looked for when the post is saved.', 'tweet-embed' );
		}
		if ( '' !== $report['trouble'] ) {
			return __( 'Saved as typed.', 'tweet-embed' );
		}
		if ( 0 === $all ) {
			return __( 'No tweet in this post.', 'tweet-embed' );
		}
		/* translators: 1: tweets that are embedded, 2: all tweets of the post. */
		return sprintf( __( 'Embedded tweets: %1$s of %2$s.', 'tweet-embed' ), number_format_i18n( self::whole( $report ) ), number_format_i18n( $all ) );
	}

	/**
	 * Say for a title how many tweets readers see; empty where there is none.
	 *
	 * @param array $report The report.
	 * @return string
	 */
	private static function count( array $report ) {
		$all = count( $report['tweets'] );
		/* translators: 1: tweets that are embedded, 2: all tweets of the post. */
		return $all ? sprintf( __( '%1$s of %2$s', 'tweet-embed' ), number_format_i18n( self::whole( $report ) ), number_format_i18n( $all ) ) : '';
	}

	/**
	 * Count the tweets that readers see.
	 *
	 * @param array $report The report.
	 * @return int
	 */
	private static function whole( array $report ) {
		$whole = 0;
		foreach ( $report['tweets'] as $row ) {
			$whole += 'embedded' === $row['state'] || ( 'kept' === $row['state'] && 'block' === $row['reason'] ) ? 1 : 0;
		}
		return $whole;
	}

	/**
	 * Say when the next try is.
	 *
	 * @param array $report The report.
	 * @return string
	 */
	private static function next( array $report ) {
		if ( $report['next_at'] ) {
			$when = wp_date( get_option( 'time_format' ), max( time(), $report['next_at'] ) );
			/* translators: %s: a time of day. */
			return sprintf( __( 'Next try by itself: about %s.', 'tweet-embed' ), $when );
		}
		return $report['attempts'] ? __( 'It was tried for two days, and is not tried again by itself.', 'tweet-embed' ) : '';
	}

	/**
	 * Say in a word or two what became of a tweet.
	 *
	 * @param array $row A row of the report.
	 * @return string
	 */
	private static function label( array $row ) {
		switch ( $row['state'] ) {
			case 'embedded':
				return __( 'Embedded', 'tweet-embed' );
			case 'kept':
				return 'block' === $row['reason'] ? __( 'Embed block', 'tweet-embed' ) : __( 'Left as it is', 'tweet-embed' );
			case 'gone':
				if ( ! $row['since'] ) {
					return __( 'Gone', 'tweet-embed' );
				}
				/* translators: %s: a date. */
				return sprintf( __( 'Gone since %s', 'tweet-embed' ), wp_date( get_option( 'date_format' ), $row['since'] ) );
			case 'protected':
				return __( 'Not public', 'tweet-embed' );
			case 'unidentified':
				return __( 'Not identified', 'tweet-embed' );
			case 'deferred':
				return __( 'Not ready yet', 'tweet-embed' );
			case 'failed':
				return __( 'X could not be asked', 'tweet-embed' );
			default:
				return $row['state'];
		}
	}

	/**
	 * Say why a tweet is not embedded; empty where it is.
	 *
	 * @param array $row A row of the report.
	 * @return string
	 */
	private static function why( array $row ) {
		$reasons = array(
			'kept'         => array(
				'place' => __( 'An embed cannot stand here: in a heading, a list, a sentence, a caption or a block that holds text only. Put it into a paragraph of its own.', 'tweet-embed' ),
				'mixed' => __( 'Other words share its line or its formatting. Put it into a paragraph of its own.', 'tweet-embed' ),
				'words' => __( 'Its words differ from those of the tweet.', 'tweet-embed' ),
				'block' => __( 'WordPress shows it by asking the service.', 'tweet-embed' ),
				'limit' => __( 'The post holds more tweets than the service takes in one article.', 'tweet-embed' ),
			),
			'gone'         => array(
				''         => __( 'X says that there is no such tweet, or no longer.', 'tweet-embed' ),
				'takedown' => __( 'It was taken down at the service.', 'tweet-embed' ),
			),
			'protected'    => array(
				'' => __( 'X shows it to nobody who is not logged in: a protected or suspended account, or a restricted tweet.', 'tweet-embed' ),
			),
			'unidentified' => array(
				'other_tweet' => __( 'The link in its words leads to another tweet.', 'tweet-embed' ),
				'date'        => __( 'The tweet that was found is of another day.', 'tweet-embed' ),
				'words'       => __( 'The tweet that was found has other words.', 'tweet-embed' ),
				'not_found'   => __( 'No source knows a tweet with these words. Put its address in place of it.', 'tweet-embed' ),
				'ambiguous'   => __( 'Several tweets have these words. Put the address of the right one in place of it.', 'tweet-embed' ),
				'no_code'     => __( 'Nothing in it leads to a tweet. Put its address in place of it.', 'tweet-embed' ),
				''            => __( 'It looks like a tweet, but which one it is could not be found out.', 'tweet-embed' ),
			),
			'deferred'     => array(
				'searching' => __( 'It is still being looked for.', 'tweet-embed' ),
				''          => __( 'The answer was not there in time.', 'tweet-embed' ),
			),
			'failed'       => array(
				'suspect' => __( 'X says that it is gone, but is not believed for now.', 'tweet-embed' ),
				''        => __( 'What you typed stays until X answers.', 'tweet-embed' ),
			),
		);
		$of      = $reasons[ $row['state'] ] ?? array();
		return $of[ $row['reason'] ] ?? $of[''] ?? '';
	}
}
