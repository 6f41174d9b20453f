<?php
/**
 * What the site's owner has chosen.
 *
 * @package TweetEmbed
 */

namespace TweetEmbed;

/**
 * The one option of this plugin, read and checked.
 *
 * The constants TWEET_EMBED_URL and TWEET_EMBED_KEY in wp-config.php go before what is stored, so that a key
 * need not be in the database.
 */
final class Settings {
	const OPTION = 'tweet_embed';

	const DEFAULTS = array(
		'address'      => '',
		'key'          => '',
		'timeout'      => 4,
		'on_save'      => true,
		'post_types'   => array( 'post', 'page' ),
		'render'       => 'blockquote',
		'script'       => 'keep',
		'links'        => 'expand',
		'gone'         => 'keep',
		'unidentified' => 'keep',
		'theme'        => '',
	);

	/** The values that each choice may have; the first is the default. */
	const CHOICES = array(
		'render'       => array( 'blockquote', 'consent', 'link' ),
		'script'       => array( 'keep', 'none', 'load' ),
		'links'        => array( 'expand', 'href', 'keep' ),
		'gone'         => array( 'keep', 'tombstone', 'remove' ),
		'unidentified' => array( 'keep', 'quote' ),
		'theme'        => array( '', 'light', 'dark' ),
	);

	const MIN_TIMEOUT = 1;
	const MAX_TIMEOUT = 15;

	/**
	 * Values that go before those that are stored: what is typed into the page, to be tested.
	 *
	 * @var array
	 */
	private $typed;

	/**
	 * Read nothing yet.
	 *
	 * @param array $typed Values that go before those that are stored.
	 */
	public function __construct( array $typed = array() ) {
		$this->typed = $typed;
	}

	/**
	 * Have WordPress check what is stored, on whatever way it comes.
	 */
	public function register() {
		add_action(
			'init',
			function () {
				register_setting(
					'tweet_embed',
					self::OPTION,
					array(
						'type'              => 'object',
						'sanitize_callback' => array( $this, 'sanitize' ),
						'default'           => self::DEFAULTS,
						'show_in_rest'      => false,
					)
				);
			}
		);
	}

	/**
	 * Return one setting.
	 *
	 * @param string $name A key of DEFAULTS.
	 * @return mixed
	 */
	public function get( $name ) {
		if ( isset( $this->typed[ $name ] ) ) {
			return $this->typed[ $name ];
		}
		$stored = get_option( self::OPTION );
		return is_array( $stored ) && isset( $stored[ $name ] ) ? $stored[ $name ] : self::DEFAULTS[ $name ];
	}

	/**
	 * Return where the service is, without a slash at the end; empty where nobody has said.
	 *
	 * @return string
	 */
	public function address() {
		return untrailingslashit( (string) ( defined( 'TWEET_EMBED_URL' ) ? TWEET_EMBED_URL : $this->get( 'address' ) ) );
	}

	/**
	 * Return the key of the service; empty where it wants none.
	 *
	 * @return string
	 */
	public function key() {
		return (string) ( defined( 'TWEET_EMBED_KEY' ) ? TWEET_EMBED_KEY : $this->get( 'key' ) );
	}

	/**
	 * Return the most seconds that a save waits for the service.
	 *
	 * @return int
	 */
	public function timeout() {
		return (int) $this->get( 'timeout' );
	}

	/**
	 * Tell whether posts of a type are rewritten.
	 *
	 * @param string $post_type A post type.
	 * @return bool
	 */
	public function covers( $post_type ) {
		return in_array( $post_type, (array) $this->get( 'post_types' ), true );
	}

	/**
	 * Return `options` as the service's POST /v1/resolve takes them.
	 *
	 * @return array
	 */
	public function options() {
		$theme = $this->get( 'theme' );
		return array(
			'render'       => $this->get( 'render' ),
			'script'       => 'keep' === $this->get( 'script' ) ? 'keep' : 'none',
			'links'        => $this->get( 'links' ),
			'gone'         => $this->get( 'gone' ),
			'unidentified' => $this->get( 'unidentified' ),
			'theme'        => '' === $theme ? null : $theme,
		);
	}

	/**
	 * Return settings that can be stored; what cannot be is told, and stays as it was.
	 *
	 * @param mixed $input What came in.
	 * @return array
	 */
	public function sanitize( $input ) {
		$input = is_array( $input ) ? $input : array();
		$clean = array();
		foreach ( array_keys( self::DEFAULTS ) as $name ) {
			$clean[ $name ] = $this->get( $name );
		}
		if ( isset( $input['address'] ) ) {
			$clean['address'] = $this->sanitize_address( $input['address'], $clean['address'] );
		}
		$clean['key']     = $this->sanitize_key_of_service( $input, $clean['key'] );
		$clean['on_save'] = ! empty( $input['on_save'] );
		if ( isset( $input['timeout'] ) ) {
			$clean['timeout'] = max( self::MIN_TIMEOUT, min( self::MAX_TIMEOUT, absint( $input['timeout'] ) ) );
		}
		$given               = isset( $input['post_types'] ) ? (array) $input['post_types'] : array();
		$clean['post_types'] = array_values( array_intersect( self::post_types(), $given ) );
		foreach ( self::CHOICES as $name => $values ) {
			if ( isset( $input[ $name ] ) && in_array( $input[ $name ], $values, true ) ) {
				$clean[ $name ] = $input[ $name ];
			}
		}
		return $clean;
	}

	/**
	 * Return the post types that have an editor and a content.
	 *
	 * @return string[]
	 */
	public static function post_types() {
		$types = array_diff( get_post_types( array( 'show_ui' => true ) ), array( 'attachment' ) );
		return array_values(
			array_filter(
				$types,
				static function ( $type ) {
					return post_type_supports( $type, 'editor' ) && 0 !== strpos( $type, 'wp_' );
				}
			)
		);
	}

	/**
	 * Return what can be said against an address of a service; empty where it is fine.
	 *
	 * @param string $address The address.
	 * @return string
	 */
	public static function fault_of_address( $address ) {
		$parts = wp_parse_url( $address );
		if ( ! is_array( $parts ) || ! in_array( $parts['scheme'] ?? '', array( 'http', 'https' ), true ) || empty( $parts['host'] ) ) {
			return __( 'The address of the service begins with http:// or https:// and a host, as in http://127.0.0.1:8080.', 'tweet-embed' );
		}
		if ( isset( $parts['user'] ) || isset( $parts['pass'] ) || isset( $parts['query'] ) || isset( $parts['fragment'] ) ) {
			return __( 'The address of the service holds no password and no ? or #. Its key has a field of its own.', 'tweet-embed' );
		}
		return '';
	}

	/**
	 * Return the address as given where it can be one, else as it was.
	 *
	 * @param mixed  $given  What came in.
	 * @param string $before What is stored.
	 * @return string
	 */
	private function sanitize_address( $given, $before ) {
		$address = untrailingslashit( trim( sanitize_text_field( (string) $given ) ) );
		$fault   = '' === $address ? '' : self::fault_of_address( $address );
		if ( '' === $fault ) {
			return esc_url_raw( $address, array( 'http', 'https' ) );
		}
		if ( function_exists( 'add_settings_error' ) ) {
			add_settings_error( self::OPTION, 'address', $fault );
		}
		return $before;
	}

	/**
	 * Return the key: an empty field keeps the one that is stored, for the page never shows it.
	 *
	 * @param array  $input  What came in.
	 * @param string $before What is stored.
	 * @return string
	 */
	private function sanitize_key_of_service( array $input, $before ) {
		if ( ! empty( $input['forget_key'] ) ) {
			return '';
		}
		$given = isset( $input['key'] ) ? trim( (string) $input['key'] ) : '';
		if ( '' === $given || $given === $before ) {
			return $before;
		}
		if ( preg_match( '/^[\x21-\x7e]{8,256}$/', $given ) ) {
			return $given;
		}
		if ( function_exists( 'add_settings_error' ) ) {
			add_settings_error( self::OPTION, 'key', __( 'A key has 8 to 256 letters, digits or signs, and no space.', 'tweet-embed' ) );
		}
		return $before;
	}
}
