<?php
/**
 * The service, as this site asks it: over HTTP, and never for longer than it may.
 *
 * @package TweetEmbed
 */

namespace TweetEmbed;

use WP_Error;

/**
 * Asks the service. Every trouble is a WP_Error, never an exception and never a wait beyond the time-out.
 *
 * Codes of the errors: `unset` (no address), `paused`, `unreachable`, `key`, `status`, `answer`, `encoding`. Their data
 * is an array: `retry` (whether a later try can help), `after` (seconds, where the service says), `status`, `detail` (what
 * was said, for the site's owner).
 */
final class Service {
	/** While this transient is there, the service has just not answered, and a save does not wait for it. */
	const PAUSE   = 'tweet_embed_pause';
	const PAUSE_S = 60;

	/** What a background run waits, in seconds: nobody sits before it. */
	const PATIENCE_S = 30;

	/** Share of the time-out that the service may use for asking X; the rest is for the way. */
	const SHARE = 0.75;

	const MAX_ANSWER_BYTES = 16777216;

	/** What the service says of an article that it will not take, today or tomorrow. */
	const OUR_FAULT = array( 400, 413, 415, 422 );

	/**
	 * The settings.
	 *
	 * @var Settings
	 */
	private $settings;

	/**
	 * Keep the settings; nothing is asked yet.
	 *
	 * @param Settings $settings The settings.
	 */
	public function __construct( Settings $settings ) {
		$this->settings = $settings;
	}

	/**
	 * Send an article; return the service's answer as an array, checked, or the trouble.
	 *
	 * @param string $content The article, as it is to be stored.
	 * @param bool   $patient Whether nobody waits: a longer time-out, and no pause.
	 * @return array|WP_Error
	 */
	public function resolve( $content, $patient = false ) {
		if ( '' === $this->settings->address() ) {
			return self::trouble( 'unset', __( 'The address of the service is not set.', 'tweet-embed' ), array( 'retry' => false ) );
		}
		if ( ! $patient && get_transient( self::PAUSE ) ) {
			return self::trouble( 'paused', __( 'The service did not answer a moment ago.', 'tweet-embed' ) );
		}
		$timeout = $patient ? self::PATIENCE_S : $this->settings->timeout();
		$body    = array(
			'content'     => $content,
			'format'      => 'html',
			'deadline_ms' => (int) ( $timeout * 1000 * self::SHARE ),
			'options'     => $this->settings->options(),
		);
		$answer  = $this->post( '/v1/resolve', $body, $timeout );
		if ( is_wp_error( $answer ) ) {
			if ( 'unreachable' === $answer->get_error_code() ) {
				set_transient( self::PAUSE, 1, self::PAUSE_S );
			}
			return $answer;
		}
		return $this->is_article( $answer, $content ) ? $answer : $this->nonsense();
	}

	/**
	 * Ask whether a service answers, and takes the key; return its milliseconds and version, or the trouble.
	 *
	 * @return array|WP_Error
	 */
	public function test() {
		if ( '' === $this->settings->address() ) {
			return self::trouble( 'unset', __( 'The address of the service is not set.', 'tweet-embed' ), array( 'retry' => false ) );
		}
		$begun  = microtime( true );
		$asked  = '<p>@</p>';
		$answer = $this->post( '/v1/resolve', array( 'content' => $asked, 'format' => 'html', 'deadline_ms' => 0 ), $this->settings->timeout() ); // phpcs:ignore WordPress.Arrays.ArrayDeclarationSpacing.AssociativeArrayFound
		if ( is_wp_error( $answer ) ) {
			return $answer;
		}
		if ( ! $this->is_article( $answer, $asked ) || $answer['content'] !== $asked ) {
			return $this->nonsense();
		}
		$elapsed = (int) round( ( microtime( true ) - $begun ) * 1000 );
		delete_transient( self::PAUSE );
		$version = json_decode( (string) $this->fetch( '/version' ), true );
		return array(
			'ms'      => $elapsed,
			'version' => is_array( $version ) && is_string( $version['version'] ?? null ) ? $version['version'] : '',
		);
	}

	/**
	 * Fetch one of the service's open files; null in any trouble.
	 *
	 * @param string $path Its path.
	 * @return string|null
	 */
	public function fetch( $path ) {
		$response = wp_remote_get( $this->settings->address() . $path, $this->arguments( $this->settings->timeout() ) );
		return is_wp_error( $response ) || 200 !== wp_remote_retrieve_response_code( $response ) ? null : wp_remote_retrieve_body( $response );
	}

	/**
	 * Post JSON; return the JSON that came back as an array, or the trouble.
	 *
	 * @param string $path    The path.
	 * @param array  $body    What is sent.
	 * @param int    $timeout Seconds.
	 * @return array|WP_Error
	 */
	private function post( $path, array $body, $timeout ) {
		// Not wp_json_encode(): it would mend what is no UTF-8, and the article would come back as another.
		$json = json_encode( $body, JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES ); // phpcs:ignore WordPress.WP.AlternativeFunctions.json_encode_json_encode
		if ( false === $json ) {
			return self::trouble( 'encoding', __( 'The post holds bytes that are no UTF-8.', 'tweet-embed' ), array( 'retry' => false ) );
		}
		$arguments                            = $this->arguments( $timeout );
		$arguments['headers']['Content-Type'] = 'application/json';
		$arguments['body']                    = $json;
		$response                             = wp_remote_post( $this->settings->address() . $path, $arguments );
		if ( is_wp_error( $response ) ) {
			return self::trouble( 'unreachable', __( 'The service did not answer.', 'tweet-embed' ), array( 'detail' => $response->get_error_message() ) );
		}
		$status = (int) wp_remote_retrieve_response_code( $response );
		$after  = (int) wp_remote_retrieve_header( $response, 'retry-after' );
		$answer = json_decode( wp_remote_retrieve_body( $response ), true );
		if ( 401 === $status || 403 === $status ) {
			return self::trouble( 'key', __( 'The service refuses the key.', 'tweet-embed' ), array( 'status' => $status ) );
		}
		if ( 200 !== $status ) {
			$detail = is_array( $answer ) && is_string( $answer['detail'] ?? null ) ? sanitize_text_field( $answer['detail'] ) : '';
			/* translators: %d: HTTP status. */
			$message = sprintf( __( 'The service answered with status %d.', 'tweet-embed' ), $status );
			$retry   = ! in_array( $status, self::OUR_FAULT, true );
			return self::trouble( 'status', $message, compact( 'status', 'after', 'retry', 'detail' ) );
		}
		if ( ! is_array( $answer ) ) {
			return $this->nonsense();
		}
		$answer['retry_after'] = $after;
		return $answer;
	}

	/**
	 * Return the arguments of every request. No redirect is followed: the key goes to this address alone.
	 *
	 * @param int $timeout Seconds.
	 * @return array
	 */
	private function arguments( $timeout ) {
		$key = $this->settings->key();
		return array(
			'timeout'             => $timeout,
			'redirection'         => 0,
			'limit_response_size' => self::MAX_ANSWER_BYTES,
			'user-agent'          => 'tweet-embed-wordpress/' . VERSION,
			'headers'             => '' === $key ? array() : array( 'Authorization' => 'Bearer ' . $key ),
		);
	}

	/**
	 * Tell whether an answer is that of a rewritten article. An empty one is never taken for a post that says something.
	 *
	 * @param array  $answer  The answer.
	 * @param string $content What was sent.
	 * @return bool
	 */
	private function is_article( array $answer, $content ) {
		return is_string( $answer['content'] ?? null )
			&& ( '' !== trim( $answer['content'] ) || '' === trim( $content ) )
			&& 'html' === ( $answer['format'] ?? null )
			&& is_bool( $answer['changed'] ?? null )
			&& ( $answer['changed'] || $answer['content'] === $content )
			&& is_bool( $answer['complete'] ?? null )
			&& is_array( $answer['embeds'] ?? null )
			&& is_array( $answer['links'] ?? null );
	}

	/**
	 * Return the trouble of an answer that is none.
	 *
	 * @return WP_Error
	 */
	private function nonsense() {
		return self::trouble( 'answer', __( 'What answered is no tweet-embed service.', 'tweet-embed' ) );
	}

	/**
	 * Return a trouble.
	 *
	 * @param string $code    What it is.
	 * @param string $message For the owner and the editor.
	 * @param array  $more    What is known of it besides.
	 * @return WP_Error
	 */
	public static function trouble( $code, $message, array $more = array() ) {
		return new WP_Error(
			$code,
			$message,
			$more + array(
				'retry'  => true,
				'after'  => 0,
				'status' => 0,
				'detail' => '',
			)
		);
	}
}
