<?php
/**
 * Healing many posts from their list.
 *
 * @package TweetEmbed
 */

namespace TweetEmbed;

/**
 * The bulk action `Heal tweets`. It works for as long as somebody may be asked to wait; what is left then goes on as events.
 */
final class Bulk_Action {
	const ACTION = 'tweet_embed_heal';

	/** Seconds that the page may take: below what servers allow a request. */
	const BUDGET_S = 15;

	/** Seconds between two posts that go on in the background. */
	const STEP_S = 2;

	/** What is counted, and told by the page after. */
	const COUNTS = array( 'changed', 'unchanged', 'trouble', 'later' );

	/**
	 * The settings.
	 *
	 * @var Settings
	 */
	private $settings;

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
	 * @param Healer   $healer   What heals a post.
	 */
	public function __construct( Settings $settings, Healer $healer ) {
		$this->settings = $settings;
		$this->healer   = $healer;
	}

	/**
	 * Hook into the lists of posts.
	 */
	public function register() {
		add_action(
			'admin_init',
			function () {
				foreach ( (array) $this->settings->get( 'post_types' ) as $type ) {
					add_filter( "bulk_actions-edit-$type", array( $this, 'add' ) );
					add_filter( "handle_bulk_actions-edit-$type", array( $this, 'handle' ), 10, 3 );
				}
			}
		);
		add_action( 'admin_notices', array( $this, 'tell' ) );
		add_filter(
			'removable_query_args',
			static function ( $names ) {
				return array_merge( $names, array_map( array( __CLASS__, 'parameter' ), self::COUNTS ) );
			}
		);
	}

	/**
	 * Add the action to the list's menu.
	 *
	 * @param array $actions The actions.
	 * @return array
	 */
	public function add( $actions ) {
		if ( '' !== $this->settings->address() ) {
			$actions[ self::ACTION ] = __( 'Heal tweets', 'tweet-embed' );
		}
		return $actions;
	}

	/**
	 * Heal the chosen posts. WordPress has checked the nonce by now.
	 *
	 * @param string $back   Where the browser goes after.
	 * @param string $action The action that was chosen.
	 * @param int[]  $posts  The chosen posts.
	 * @return string
	 */
	public function handle( $back, $action, $posts ) {
		if ( self::ACTION !== $action ) {
			return $back;
		}
		$until  = microtime( true ) + self::BUDGET_S;
		$counts = array_fill_keys( self::COUNTS, 0 );
		foreach ( array_map( 'intval', (array) $posts ) as $post_id ) {
			if ( ! current_user_can( 'edit_post', $post_id ) ) {
				continue;
			}
			if ( microtime( true ) > $until ) {
				Retry::at( $post_id, self::STEP_S * ++$counts['later'] );
				continue;
			}
			$done = $this->healer->heal( $post_id );
			if ( is_wp_error( $done ) ) {
				++$counts['trouble'];
			} elseif ( Healer::BUSY === $done ) {
				++$counts['later'];
			} else {
				++$counts[ Healer::CHANGED === $done ? 'changed' : 'unchanged' ];
			}
		}
		foreach ( $counts as $name => $count ) {
			$back = add_query_arg( self::parameter( $name ), $count, $back );
		}
		return $back;
	}

	/**
	 * Say what came of it.
	 */
	public function tell() {
		$counts = array();
		foreach ( self::COUNTS as $name ) {
			if ( ! isset( $_GET[ self::parameter( $name ) ] ) ) { // phpcs:ignore WordPress.Security.NonceVerification.Recommended -- numbers to be shown, nothing is done.
				return;
			}
			$counts[ $name ] = absint( $_GET[ self::parameter( $name ) ] ); // phpcs:ignore WordPress.Security.NonceVerification.Recommended -- as above.
		}
		$lines = array(
			/* translators: %s: a number of posts. */
			'changed'   => _n( '%s post was changed; its old words are among its revisions.', '%s posts were changed; their old words are among their revisions.', $counts['changed'], 'tweet-embed' ),
			/* translators: %s: a number of posts. */
			'unchanged' => _n( 'In %s post there was nothing to change.', 'In %s posts there was nothing to change.', $counts['unchanged'], 'tweet-embed' ),
			/* translators: %s: a number of posts. */
			'trouble'   => _n( '%s post stays as it is, for the service did not answer; it is tried again by itself.', '%s posts stay as they are, for the service did not answer; they are tried again by themselves.', $counts['trouble'], 'tweet-embed' ),
			/* translators: %s: a number of posts. */
			'later'     => _n( '%s post goes on in the background.', '%s posts go on in the background.', $counts['later'], 'tweet-embed' ),
		);
		echo '<div class="notice notice-' . ( $counts['trouble'] ? 'warning' : 'success' ) . ' is-dismissible"><p><strong>' . esc_html__( 'Tweets healed.', 'tweet-embed' ) . '</strong> ';
		foreach ( $lines as $name => $line ) {
			if ( $counts[ $name ] ) {
				echo esc_html( sprintf( $line, number_format_i18n( $counts[ $name ] ) ) ) . ' ';
			}
		}
		echo '</p></div>';
	}

	/**
	 * Name a count as the address of the page after carries it.
	 *
	 * @param string $name One of COUNTS.
	 * @return string
	 */
	private static function parameter( $name ) {
		return 'tweet_embed_' . $name;
	}
}
