<?php
/**
 * Plugin Name:       Tweet Embed
 * Description:       Finds the tweets and t.co links of a post when it is saved, and has your own tweet-embed service write them as embeds. Whatever becomes of the service, the post is saved as typed.
 * Version:           1.0.0
 * Requires at least: 6.0
 * Requires PHP:      7.4
 * Author:            The tweet-embed authors
 * License:           MIT
 * License URI:       https://opensource.org/licenses/MIT
 * Text Domain:       tweet-embed
 * Domain Path:       /languages
 *
 * @package TweetEmbed
 */

namespace TweetEmbed;

defined( 'ABSPATH' ) || exit;

const VERSION     = '1.0.0';
const PLUGIN_FILE = __FILE__;

require __DIR__ . '/includes/class-settings.php';
require __DIR__ . '/includes/class-service.php';
require __DIR__ . '/includes/class-report.php';
require __DIR__ . '/includes/class-phrases.php';
require __DIR__ . '/includes/class-retry.php';
require __DIR__ . '/includes/class-oembed-cache.php';
require __DIR__ . '/includes/class-healer.php';
require __DIR__ . '/includes/class-oembed-provider.php';
require __DIR__ . '/includes/class-reader-assets.php';
require __DIR__ . '/includes/class-settings-page.php';
require __DIR__ . '/includes/class-editor-panel.php';
require __DIR__ . '/includes/class-bulk-action.php';

/**
 * Build the parts, and hook each into WordPress.
 */
function start() {
	$settings = new Settings();
	$service  = new Service( $settings );
	$healer   = new Healer( $settings, $service );

	$settings->register();
	$healer->register();
	( new Retry() )->register( $healer );
	( new OEmbed_Provider( $settings ) )->register();
	( new OEmbed_Cache() )->register();
	( new Reader_Assets( $settings, $service ) )->register();
	( new Settings_Page( $settings ) )->register();
	( new Editor_Panel( $settings, $healer ) )->register();
	( new Bulk_Action( $settings, $healer ) )->register();

	if ( defined( 'WP_CLI' ) && WP_CLI ) {
		require __DIR__ . '/includes/class-command.php';
		\WP_CLI::add_command( 'tweet-embed', new Command( $settings, $service, $healer ) );
	}
}
start();

add_action(
	'init',
	static function () {
		load_plugin_textdomain( 'tweet-embed', false, dirname( plugin_basename( PLUGIN_FILE ) ) . '/languages' );
	}
);

register_deactivation_hook(
	__FILE__,
	static function () {
		wp_unschedule_hook( Retry::HOOK );
		wp_unschedule_hook( Reader_Assets::HOOK );
		delete_transient( Service::PAUSE );
	}
);
