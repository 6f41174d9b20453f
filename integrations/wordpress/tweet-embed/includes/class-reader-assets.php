<?php
/**
 * What readers' browsers load for embeds.
 *
 * @package TweetEmbed
 */

namespace TweetEmbed;

/**
 * The service's /embed.css, and under `consent` its /embed.js, on pages that have an embed.
 *
 * The site keeps a copy and writes it into the page: the service mostly stands where readers cannot reach it, and
 * readers' browsers contact nobody else for it. A copy is fetched again every day, and when the settings change.
 */
final class Reader_Assets {
	const OPTION = 'tweet_embed_assets';
	const HOOK   = 'tweet_embed_daily';
	const HANDLE = 'tweet-embed';
	const SCRIPT = 'https://platform.x.com/widgets.js';

	const MAX_BYTES = 65536;

	/** The files, and what would end the element that they stand in. */
	const FILES = array(
		'/embed.css' => '</',
		'/embed.js'  => '</script',
	);

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
	 * Hook into pages, editors, and the daily event.
	 */
	public function register() {
		add_action( 'wp_enqueue_scripts', array( $this, 'enqueue' ) );
		add_filter( 'block_editor_settings_all', array( $this, 'add_to_editor' ) );
		add_action( self::HOOK, array( $this, 'fetch' ) );
		add_action( 'add_option_' . Settings::OPTION, array( $this, 'fetch' ) );
		add_action( 'update_option_' . Settings::OPTION, array( $this, 'fetch' ) );
		add_action(
			'admin_init',
			static function () {
				if ( ! wp_next_scheduled( self::HOOK ) ) {
					wp_schedule_event( time() + DAY_IN_SECONDS, 'daily', self::HOOK );
				}
			}
		);
	}

	/**
	 * Fetch the files anew; a copy stays where the service has none to give.
	 */
	public function fetch() {
		if ( '' === $this->settings->address() ) {
			return;
		}
		$copies = (array) get_option( self::OPTION, array() );
		foreach ( self::FILES as $path => $end ) {
			$file = $this->service->fetch( $path );
			if ( null === $file ) {
				break;
			}
			if ( '' !== $file && strlen( $file ) <= self::MAX_BYTES && false === stripos( $file, $end ) ) {
				$copies[ $path ] = $file;
			}
		}
		update_option( self::OPTION, $copies, false );
	}

	/**
	 * Load what the embeds of this page want.
	 */
	public function enqueue() {
		global $wp_query;
		$content = implode( "\n", wp_list_pluck( (array) $wp_query->posts, 'post_content' ) );
		if ( ! Healer::has_trace( $content ) ) {
			return;
		}
		$copies = (array) get_option( self::OPTION, array() );
		if ( isset( $copies['/embed.css'] ) ) {
			wp_register_style( self::HANDLE, false, array(), VERSION );
			wp_enqueue_style( self::HANDLE );
			wp_add_inline_style( self::HANDLE, $copies['/embed.css'] );
		}
		if ( isset( $copies['/embed.js'] ) && false !== strpos( $content, 'class="tweet-embed"' ) ) {
			wp_register_script( self::HANDLE, '', array(), VERSION, true );
			wp_enqueue_script( self::HANDLE );
			wp_add_inline_script( self::HANDLE, $copies['/embed.js'] );
		}
		if ( 'load' === $this->settings->get( 'script' ) && 'blockquote' === $this->settings->get( 'render' ) ) {
			wp_enqueue_script( 'tweet-embed-x', self::SCRIPT, array(), null, true ); // phpcs:ignore WordPress.WP.EnqueuedResourceParameters.MissingVersion -- X has no versions of it.
		}
	}

	/**
	 * Show embeds in the block editor as readers see them.
	 *
	 * @param array $editor The editor's settings.
	 * @return array
	 */
	public function add_to_editor( $editor ) {
		$copies = (array) get_option( self::OPTION, array() );
		if ( isset( $copies['/embed.css'] ) ) {
			$editor['styles'][] = array( 'css' => $copies['/embed.css'] );
		}
		return $editor;
	}
}
