<?php
/**
 * Settings → Tweet Embed.
 *
 * @package TweetEmbed
 */

namespace TweetEmbed;

use WP_Error;
use WP_REST_Request;
use WP_REST_Server;

/**
 * The page where the site's owner says where the service is, and tests it.
 */
final class Settings_Page {
	const SLUG   = 'tweet-embed';
	const HANDLE = 'tweet-embed-settings';

	/**
	 * The settings.
	 *
	 * @var Settings
	 */
	private $settings;

	/**
	 * Keep the settings.
	 *
	 * @param Settings $settings The settings.
	 */
	public function __construct( Settings $settings ) {
		$this->settings = $settings;
	}

	/**
	 * Hook into the menu, the list of plugins, and REST.
	 */
	public function register() {
		add_action( 'admin_menu', array( $this, 'add' ) );
		add_action( 'admin_enqueue_scripts', array( $this, 'enqueue' ) );
		add_action( 'rest_api_init', array( $this, 'add_route' ) );
		add_action( 'admin_notices', array( $this, 'ask_for_address' ) );
		add_filter( 'plugin_action_links_' . plugin_basename( PLUGIN_FILE ), array( $this, 'link' ) );
	}

	/**
	 * Add the page to the menu.
	 */
	public function add() {
		add_options_page( __( 'Tweet Embed', 'tweet-embed' ), __( 'Tweet Embed', 'tweet-embed' ), 'manage_options', self::SLUG, array( $this, 'print_page' ) );
	}

	/**
	 * Add a link to the page in the list of plugins.
	 *
	 * @param array $links The links.
	 * @return array
	 */
	public function link( $links ) {
		$link = sprintf( '<a href="%s">%s</a>', esc_url( $this->address() ), esc_html__( 'Settings', 'tweet-embed' ) );
		return array_merge( array( $link ), $links );
	}

	/**
	 * Ask for the address until there is one: without it nothing happens.
	 */
	public function ask_for_address() {
		$screen = get_current_screen();
		if ( '' !== $this->settings->address() || ! current_user_can( 'manage_options' ) || ! $screen || ! in_array( $screen->base, array( 'plugins', 'dashboard' ), true ) ) {
			return;
		}
		printf(
			'<div class="notice notice-info"><p>%s <a href="%s">%s</a></p></div>',
			esc_html__( 'Tweet Embed does nothing yet: it does not know where your tweet-embed service is.', 'tweet-embed' ),
			esc_url( $this->address() ),
			esc_html__( 'Enter its address', 'tweet-embed' )
		);
	}

	/**
	 * Add the route that tests a connection.
	 */
	public function add_route() {
		register_rest_route(
			'tweet-embed/v1',
			'/test',
			array(
				'methods'             => WP_REST_Server::CREATABLE,
				'callback'            => array( $this, 'test' ),
				'permission_callback' => static function () {
					return current_user_can( 'manage_options' );
				},
				'args'                => array(
					'address' => array(
						'type'     => 'string',
						'required' => true,
					),
					'key'     => array(
						'type'    => 'string',
						'default' => '',
					),
					'timeout' => array(
						'type'    => 'integer',
						'default' => Settings::DEFAULTS['timeout'],
						'minimum' => Settings::MIN_TIMEOUT,
						'maximum' => Settings::MAX_TIMEOUT,
					),
				),
			)
		);
	}

	/**
	 * Test the connection with what is typed; an empty key is the one that is stored.
	 *
	 * @param WP_REST_Request $request The request.
	 * @return array|WP_Error
	 */
	public function test( WP_REST_Request $request ) {
		$typed = array(
			'address' => untrailingslashit( trim( $request['address'] ) ),
			'timeout' => (int) $request['timeout'],
		);
		if ( '' !== trim( $request['key'] ) ) {
			$typed['key'] = trim( $request['key'] );
		}
		$settings = new Settings( $typed );
		$fault    = Settings::fault_of_address( $settings->address() );
		if ( '' !== $fault ) {
			return new WP_Error( 'tweet_embed_address', $fault, array( 'status' => 400 ) );
		}
		$done = ( new Service( $settings ) )->test();
		if ( is_wp_error( $done ) ) {
			return array(
				'ok'      => false,
				'message' => trim( $done->get_error_message() . ' ' . $done->get_error_data()['detail'] ),
			);
		}
		/* translators: 1: milliseconds, 2: version of the service. */
		$message = sprintf( __( 'The service answered in %1$s ms. %2$s', 'tweet-embed' ), number_format_i18n( $done['ms'] ), '' === $done['version'] ? '' : 'tweet-embed ' . $done['version'] );
		return array(
			'ok'      => true,
			'message' => trim( $message ),
		);
	}

	/**
	 * Load what the page needs, and on no other page.
	 *
	 * @param string $hook The page.
	 */
	public function enqueue( $hook ) {
		if ( 'settings_page_' . self::SLUG !== $hook ) {
			return;
		}
		wp_enqueue_style( self::HANDLE, plugins_url( 'assets/settings-page.css', PLUGIN_FILE ), array(), VERSION );
		wp_enqueue_script( self::HANDLE, plugins_url( 'assets/settings-page.js', PLUGIN_FILE ), array( 'wp-api-fetch' ), VERSION, true );
		$words = array(
			'testing' => __( 'Asking the service…', 'tweet-embed' ),
			'failed'  => __( 'This could not be asked of the site just now.', 'tweet-embed' ),
		);
		wp_add_inline_script( self::HANDLE, 'window.tweetEmbedSettings = ' . wp_json_encode( $words ) . ';', 'before' );
	}

	/**
	 * Write the page.
	 */
	public function print_page() {
		if ( ! current_user_can( 'manage_options' ) ) {
			return;
		}
		echo '<div class="wrap tweet-embed-settings"><h1>' . esc_html__( 'Tweet Embed', 'tweet-embed' ) . '</h1>';
		echo '<p>' . esc_html__( 'When a post is saved, your tweet-embed service looks for its tweets and t.co links and writes them as embeds. If the service is in trouble, the post is saved as typed and tried again later.', 'tweet-embed' ) . '</p>';
		echo '<form action="options.php" method="post">';
		settings_fields( 'tweet_embed' );
		$this->print_connection();
		$this->print_occasions();
		$this->print_looks();
		submit_button();
		echo '</form></div>';
	}

	/**
	 * Write the section about the service itself.
	 */
	private function print_connection() {
		$this->open_section( __( 'Your service', 'tweet-embed' ) );
		$this->open_row( 'address', __( 'Address', 'tweet-embed' ) );
		printf(
			'<input type="url" class="regular-text code" id="tweet-embed-address" name="tweet_embed[address]" value="%s" placeholder="http://127.0.0.1:8080" aria-describedby="tweet-embed-address-help" dir="ltr"%s>',
			esc_attr( $this->settings->address() ),
			disabled( defined( 'TWEET_EMBED_URL' ), true, false )
		);
		$this->close_row( 'address', defined( 'TWEET_EMBED_URL' ) ? __( 'Set by TWEET_EMBED_URL in wp-config.php.', 'tweet-embed' ) : __( 'As this server reaches it; readers never do. Without an address nothing happens.', 'tweet-embed' ) );

		$this->open_row( 'key', __( 'Key', 'tweet-embed' ) );
		$has_key = '' !== $this->settings->key();
		printf(
			'<input type="password" class="regular-text code" id="tweet-embed-key" name="tweet_embed[key]" value="" autocomplete="new-password" placeholder="%s" aria-describedby="tweet-embed-key-help" dir="ltr"%s>',
			$has_key ? esc_attr__( 'A key is stored', 'tweet-embed' ) : '',
			disabled( defined( 'TWEET_EMBED_KEY' ), true, false )
		);
		if ( $has_key && ! defined( 'TWEET_EMBED_KEY' ) ) {
			echo ' <label><input type="checkbox" name="tweet_embed[forget_key]" value="1"> ' . esc_html__( 'Forget the stored key', 'tweet-embed' ) . '</label>';
		}
		$this->close_row( 'key', defined( 'TWEET_EMBED_KEY' ) ? __( 'Set by TWEET_EMBED_KEY in wp-config.php.', 'tweet-embed' ) : __( 'Only if your service wants one. It is never shown again; leave this empty to keep it.', 'tweet-embed' ) );

		$this->open_row( 'timeout', __( 'Longest wait', 'tweet-embed' ) );
		printf(
			'<input type="number" class="small-text" id="tweet-embed-timeout" name="tweet_embed[timeout]" value="%d" min="%d" max="%d" aria-describedby="tweet-embed-timeout-help"> %s',
			(int) $this->settings->timeout(),
			(int) Settings::MIN_TIMEOUT,
			(int) Settings::MAX_TIMEOUT,
			esc_html__( 'seconds', 'tweet-embed' )
		);
		$this->close_row( 'timeout', __( 'After that a post is saved as typed, and tried again in the background.', 'tweet-embed' ) );

		echo '<tr><th scope="row">' . esc_html__( 'Connection', 'tweet-embed' ) . '</th><td><button type="button" class="button" id="tweet-embed-test">' . esc_html__( 'Test the connection', 'tweet-embed' ) . '</button><p id="tweet-embed-test-result" role="status" dir="auto"></p><p class="description">' . esc_html__( 'With what is typed above, saved or not.', 'tweet-embed' ) . '</p></td></tr>';
		$this->close_section();
	}

	/**
	 * Write the section about when posts are rewritten.
	 */
	private function print_occasions() {
		$this->open_section( __( 'When', 'tweet-embed' ) );
		echo '<tr><th scope="row">' . esc_html__( 'On save', 'tweet-embed' ) . '</th><td><label><input type="checkbox" name="tweet_embed[on_save]" value="1"' . checked( (bool) $this->settings->get( 'on_save' ), true, false ) . '> ' . esc_html__( 'Rewrite posts when they are saved', 'tweet-embed' ) . '</label>';
		echo '<p class="description">' . esc_html__( 'Old posts: choose them in their list, then the bulk action “Heal tweets”.', 'tweet-embed' ) . '</p></td></tr>';
		echo '<tr><th scope="row">' . esc_html__( 'Kinds of posts', 'tweet-embed' ) . '</th><td><fieldset><legend class="screen-reader-text">' . esc_html__( 'Kinds of posts', 'tweet-embed' ) . '</legend>';
		foreach ( Settings::post_types() as $type ) {
			printf(
				'<label><input type="checkbox" name="tweet_embed[post_types][]" value="%s"%s> %s</label><br>',
				esc_attr( $type ),
				checked( $this->settings->covers( $type ), true, false ),
				esc_html( get_post_type_object( $type )->labels->name )
			);
		}
		echo '</fieldset></td></tr>';
		$this->close_section();
	}

	/**
	 * Write the section about what is written.
	 */
	private function print_looks() {
		$this->open_section( __( 'What is written', 'tweet-embed' ) );
		$this->print_choice(
			'render',
			__( 'A tweet', 'tweet-embed' ),
			array(
				'blockquote' => __( 'A quotation that reads well without any script', 'tweet-embed' ),
				'consent'    => __( 'The quotation and a button: X is contacted only after the reader’s click', 'tweet-embed' ),
				'link'       => __( 'A link', 'tweet-embed' ),
			)
		);
		$this->print_choice(
			'script',
			__( 'X’s script', 'tweet-embed' ),
			array(
				'keep' => __( 'Leave it where a post has it', 'tweet-embed' ),
				'none' => __( 'Take it out of posts', 'tweet-embed' ),
				'load' => __( 'Take it out of posts, and load it once on pages with a tweet', 'tweet-embed' ),
			),
			__( 'It shows a tweet as X does, and tells X who reads your page.', 'tweet-embed' )
		);
		$this->print_choice(
			'links',
			__( 't.co links', 'tweet-embed' ),
			array(
				'expand' => __( 'Become what they lead to', 'tweet-embed' ),
				'href'   => __( 'Lead there, their text stays', 'tweet-embed' ),
				'keep'   => __( 'Stay', 'tweet-embed' ),
			)
		);
		$this->print_choice(
			'gone',
			__( 'A tweet that is gone or not public', 'tweet-embed' ),
			array(
				'keep'      => __( 'Keep the words that the post has', 'tweet-embed' ),
				'tombstone' => __( 'Say that it is gone', 'tweet-embed' ),
				'remove'    => __( 'Remove it', 'tweet-embed' ),
			)
		);
		$this->print_choice(
			'unidentified',
			__( 'A tweet that could not be identified', 'tweet-embed' ),
			array(
				'keep'  => __( 'Leave it as it is', 'tweet-embed' ),
				'quote' => __( 'Write its words as a plain quotation', 'tweet-embed' ),
			)
		);
		$this->print_choice(
			'theme',
			__( 'Colours', 'tweet-embed' ),
			array(
				''      => __( 'As the post or the reader’s device says', 'tweet-embed' ),
				'light' => __( 'Light', 'tweet-embed' ),
				'dark'  => __( 'Dark', 'tweet-embed' ),
			)
		);
		$this->close_section();
	}

	/**
	 * Write a choice of a few values.
	 *
	 * @param string   $name  The setting.
	 * @param string   $label Its name.
	 * @param string[] $words The values, and what each means.
	 * @param string   $help  What else is to be said of it.
	 */
	private function print_choice( $name, $label, array $words, $help = '' ) {
		$this->open_row( $name, $label );
		printf( '<select id="tweet-embed-%1$s" name="tweet_embed[%1$s]"%2$s>', esc_attr( $name ), '' === $help ? '' : ' aria-describedby="tweet-embed-' . esc_attr( $name ) . '-help"' );
		foreach ( $words as $value => $word ) {
			printf( '<option value="%s"%s>%s</option>', esc_attr( $value ), selected( $this->settings->get( $name ), $value, false ), esc_html( $word ) );
		}
		echo '</select>';
		$this->close_row( $name, $help );
	}

	/**
	 * Begin a section.
	 *
	 * @param string $title Its title.
	 */
	private function open_section( $title ) {
		echo '<h2>' . esc_html( $title ) . '</h2><table class="form-table" role="presentation"><tbody>';
	}

	/**
	 * End a section.
	 */
	private function close_section() {
		echo '</tbody></table>';
	}

	/**
	 * Begin the row of a setting.
	 *
	 * @param string $name  The setting.
	 * @param string $label Its name.
	 */
	private function open_row( $name, $label ) {
		printf( '<tr><th scope="row"><label for="tweet-embed-%s">%s</label></th><td>', esc_attr( $name ), esc_html( $label ) );
	}

	/**
	 * End the row of a setting.
	 *
	 * @param string $name The setting.
	 * @param string $help What else is to be said of it.
	 */
	private function close_row( $name, $help ) {
		if ( '' !== $help ) {
			printf( '<p class="description" id="tweet-embed-%s-help">%s</p>', esc_attr( $name ), esc_html( $help ) );
		}
		echo '</td></tr>';
	}

	/**
	 * Return the page's address.
	 *
	 * @return string
	 */
	private function address() {
		return admin_url( 'options-general.php?page=' . self::SLUG );
	}
}
