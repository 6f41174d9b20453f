<?php
/**
 * The service as WordPress' oEmbed provider for tweets.
 *
 * @package TweetEmbed
 */

namespace TweetEmbed;

/**
 * Has WordPress ask the service's /oembed for tweets: in an embed block, for an address alone on its line, in [embed].
 */
final class OEmbed_Provider {
	/** Addresses that can be tweets. Profiles, lists and searches stay with WordPress' own providers. */
	const TWEETS = array(
		'#^https?://(?:(?:www|mobile|m)\.)?(?:twitter|x)\.com/(?:i/web|\w{1,15})/status(?:es)?/\d+(?:[/?\#].*)?$#i',
		'#^https?://t\.co/[A-Za-z0-9]+/?$#i',
	);

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
	 * Hook into WordPress' oEmbed.
	 */
	public function register() {
		add_filter( 'oembed_providers', array( $this, 'add' ) );
		add_filter( 'oembed_remote_get_args', array( $this, 'arguments' ), 10, 2 );
		add_filter( 'http_request_host_is_external', array( $this, 'allow_host' ), 10, 3 );
		add_filter( 'http_allowed_safe_ports', array( $this, 'allow_port' ), 10, 3 );
	}

	/**
	 * Tell whether an address can be a tweet's.
	 *
	 * @param string $url The address.
	 * @return bool
	 */
	public static function is_tweet( $url ) {
		foreach ( self::TWEETS as $pattern ) {
			if ( preg_match( $pattern, $url ) ) {
				return true;
			}
		}
		return false;
	}

	/**
	 * Put the service before all providers: the first pattern that fits is asked.
	 *
	 * @param array $providers Patterns, and the provider of each.
	 * @return array
	 */
	public function add( $providers ) {
		if ( '' === $this->settings->address() ) {
			return $providers;
		}
		$ours = array();
		foreach ( self::TWEETS as $pattern ) {
			$ours[ $pattern ] = array( $this->endpoint(), true );
		}
		return $ours + $providers;
	}

	/**
	 * Give the request its key and its time-out. The key is a header: an address ends up in logs.
	 *
	 * @param array  $arguments The request's arguments.
	 * @param string $url       Its address.
	 * @return array
	 */
	public function arguments( $arguments, $url ) {
		if ( ! $this->is_ours( $url ) ) {
			return $arguments;
		}
		$arguments['timeout']     = $this->settings->timeout();
		$arguments['redirection'] = 0;
		if ( '' !== $this->settings->key() ) {
			$arguments['headers'] = array( 'Authorization' => 'Bearer ' . $this->settings->key() ) + (array) ( $arguments['headers'] ?? array() );
		}
		return $arguments;
	}

	/**
	 * Let WordPress ask the service where it stands in the same network: it refuses such hosts otherwise.
	 *
	 * @param bool   $allowed Whether it may be asked so far.
	 * @param string $host    The host.
	 * @param string $url     The address.
	 * @return bool
	 */
	public function allow_host( $allowed, $host, $url ) {
		return $allowed || $this->is_ours( $url );
	}

	/**
	 * Let WordPress ask the service at a port other than 80, 443 and 8080.
	 *
	 * @param int[]  $ports The ports that may be asked.
	 * @param string $host  The host.
	 * @param string $url   The address.
	 * @return int[]
	 */
	public function allow_port( $ports, $host, $url ) {
		$port = wp_parse_url( $this->settings->address(), PHP_URL_PORT );
		return $port && $this->is_ours( $url ) ? array_merge( (array) $ports, array( $port ) ) : $ports;
	}

	/**
	 * Return where the service is asked for one tweet.
	 *
	 * @return string
	 */
	private function endpoint() {
		return $this->settings->address() . '/oembed';
	}

	/**
	 * Tell whether an address is the service's /oembed, and no other of that host.
	 *
	 * @param mixed $url The address.
	 * @return bool
	 */
	private function is_ours( $url ) {
		return '' !== $this->settings->address() && is_string( $url ) && 0 === strpos( $url, $this->endpoint() . '?' );
	}
}
