<?php
/*
 * The functions of WP-CLI that the plugin's command calls, as its handbook describes them
 * (https://make.wordpress.org/cli/handbook/references/internal-api/), and a way to run the command: `name`, `ids` and
 * `options` as JSON in, what it said as JSON out. WP-CLI itself is in no package here.
 */
namespace WP_CLI\Utils {
	class Bar {
		private $left;

		public function __construct( $count ) {
			$this->left = $count;
		}

		public function tick() {
			--$this->left;
		}

		public function finish() {
			\WP_CLI::$said[] = "left: {$this->left}";
		}
	}

	function make_progress_bar( $message, $count ) {
		return new Bar( $count );
	}
}

namespace {
	class WP_CLI {
		public static $said     = array();
		public static $commands = array();

		public static function add_command( $name, $command ) {
			self::$commands[ $name ] = $command;
		}

		public static function success( $message ) {
			self::$said[] = "success: $message";
		}

		public static function warning( $message ) {
			self::$said[] = "warning: $message";
		}

		public static function error( $message ) {
			self::$said[] = "error: $message";
			exit( json_encode( self::$said ) );
		}
	}

	define( 'WP_CLI', true );
	require __DIR__ . '/wp-load.php';
	$in = json_decode( file_get_contents( 'php://input' ), true );
	WP_CLI::$commands['tweet-embed']->{ $in['name'] }( $in['ids'], $in['options'] );
	echo json_encode( WP_CLI::$said );
}
