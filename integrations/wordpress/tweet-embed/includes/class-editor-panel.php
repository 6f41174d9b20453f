<?php
/**
 * What the editor is told of a post's tweets.
 *
 * @package TweetEmbed
 */

namespace TweetEmbed;

use WP_Error;
use WP_REST_Request;
use WP_REST_Server;

/**
 * A panel in the block editor's sidebar, a box in the classic editor, and the REST routes behind both.
 */
final class Editor_Panel {
	const HANDLE = 'tweet-embed-editor-panel';

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
	 * Hook into both editors.
	 */
	public function register() {
		add_action( 'rest_api_init', array( $this, 'add_routes' ) );
		add_action( 'enqueue_block_editor_assets', array( $this, 'enqueue_panel' ) );
		add_action( 'add_meta_boxes', array( $this, 'add_box' ) );
	}

	/**
	 * Add the routes: a post's report, and healing it now. Whoever may edit a post may ask.
	 */
	public function add_routes() {
		$permitted = static function ( WP_REST_Request $request ) {
			return current_user_can( 'edit_post', (int) $request['id'] );
		};
		register_rest_route(
			'tweet-embed/v1',
			'/posts/(?P<id>\d+)',
			array(
				array(
					'methods'             => WP_REST_Server::READABLE,
					'callback'            => array( $this, 'read' ),
					'permission_callback' => $permitted,
				),
				array(
					'methods'             => WP_REST_Server::CREATABLE,
					'callback'            => array( $this, 'heal' ),
					'permission_callback' => $permitted,
				),
			)
		);
	}

	/**
	 * Answer with a post's report.
	 *
	 * @param WP_REST_Request $request The request.
	 * @return array|WP_Error
	 */
	public function read( WP_REST_Request $request ) {
		$post = get_post( (int) $request['id'] );
		if ( ! $post || ! $this->settings->covers( $post->post_type ) ) {
			return new WP_Error( 'tweet_embed_no_post', __( 'There is no such post.', 'tweet-embed' ), array( 'status' => 404 ) );
		}
		return Phrases::report( Report::of( $post->ID ) ) + array( 'content' => $post->post_content );
	}

	/**
	 * Heal a post now, and answer with its report.
	 *
	 * @param WP_REST_Request $request The request.
	 * @return array|WP_Error
	 */
	public function heal( WP_REST_Request $request ) {
		$done = $this->healer->heal( (int) $request['id'] );
		if ( Healer::BUSY === $done ) {
			return new WP_Error( 'tweet_embed_busy', __( 'Somebody else is editing this post.', 'tweet-embed' ), array( 'status' => 409 ) );
		}
		return $this->read( $request );
	}

	/**
	 * Put the panel into the block editor.
	 */
	public function enqueue_panel() {
		$screen = get_current_screen();
		if ( ! $screen || 'post' !== $screen->base || ! $this->settings->covers( $screen->post_type ) ) {
			return;
		}
		$needs = array( 'wp-api-fetch', 'wp-block-editor', 'wp-blocks', 'wp-components', 'wp-core-data', 'wp-data', 'wp-edit-post', 'wp-editor', 'wp-element', 'wp-notices', 'wp-plugins' );
		wp_enqueue_script( self::HANDLE, plugins_url( 'assets/editor-panel.js', PLUGIN_FILE ), $needs, VERSION, true );
		wp_add_inline_script( self::HANDLE, 'window.tweetEmbedPanel = ' . wp_json_encode( $this->words() ) . ';', 'before' );
		$this->enqueue_style();
	}

	/**
	 * Put the box into the classic editor; the block editor has the panel.
	 *
	 * @param string $post_type The type of the post.
	 */
	public function add_box( $post_type ) {
		if ( ! $this->settings->covers( $post_type ) ) {
			return;
		}
		add_meta_box( 'tweet-embed', __( 'Tweets in this post', 'tweet-embed' ), array( $this, 'print_box' ), null, 'side', 'default', array( '__back_compat_meta_box' => true ) );
	}

	/**
	 * Write the box.
	 *
	 * @param \WP_Post $post The post.
	 */
	public function print_box( $post ) {
		$this->enqueue_style();
		$report = Phrases::report( Report::of( $post->ID ) );
		echo '<div class="tweet-embed-panel"><p>' . esc_html( $report['summary'] ) . '</p>';
		foreach ( array_filter( array( $report['trouble'], $report['next'] ) ) as $line ) {
			echo '<p class="tweet-embed-note">' . esc_html( $line ) . '</p>';
		}
		echo '<ul>';
		foreach ( $report['tweets'] as $tweet ) {
			printf(
				'<li><span class="tweet-embed-state is-%1$s">%2$s</span> <span class="tweet-embed-author"><bdi>%3$s</bdi> <bdi dir="ltr">%4$s</bdi></span>',
				esc_attr( $tweet['state'] ),
				esc_html( $tweet['label'] ),
				esc_html( $tweet['name'] ),
				esc_html( $tweet['handle'] )
			);
			if ( '' !== $tweet['text'] ) {
				printf( '<span class="tweet-embed-text" dir="%s" lang="%s">%s</span>', esc_attr( $tweet['dir'] ), esc_attr( $tweet['lang'] ), esc_html( $tweet['text'] ) );
			}
			if ( '' !== $tweet['why'] ) {
				echo '<span class="tweet-embed-why">' . esc_html( $tweet['why'] ) . '</span>';
			}
			if ( '' !== $tweet['url'] ) {
				printf( '<a href="%s" target="_blank" rel="noopener noreferrer">%s</a>', esc_url( $tweet['url'] ), esc_html( $this->words()['open'] ) );
			}
			echo '</li>';
		}
		echo '</ul></div>';
	}

	/**
	 * Load the looks of both.
	 */
	private function enqueue_style() {
		wp_enqueue_style( self::HANDLE, plugins_url( 'assets/editor-panel.css', PLUGIN_FILE ), array(), VERSION );
	}

	/**
	 * Return the words of the panel that are in no report.
	 *
	 * @return array
	 */
	private function words() {
		return array(
			'title'   => __( 'Tweets in this post', 'tweet-embed' ),
			'open'    => __( 'Open at X', 'tweet-embed' ),
			'check'   => __( 'Check again', 'tweet-embed' ),
			'unsaved' => __( 'Save the post to have what you typed looked at.', 'tweet-embed' ),
			'failed'  => __( 'This could not be asked of the site just now.', 'tweet-embed' ),
			'loading' => __( 'One moment…', 'tweet-embed' ),
		);
	}
}
