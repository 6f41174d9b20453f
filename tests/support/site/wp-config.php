<?php
/* The site of a test: all that differs is in its environment. */
define( 'DB_HOST', getenv( 'SITE_DB_HOST' ) );
define( 'DB_NAME', getenv( 'SITE_DB_NAME' ) );
define( 'DB_USER', 'root' );
define( 'DB_PASSWORD', '' );
define( 'DB_CHARSET', 'utf8mb4' );
define( 'WP_HOME', getenv( 'SITE_URL' ) );
define( 'WP_SITEURL', getenv( 'SITE_URL' ) );
define( 'RECORDED', getenv( 'SITE_RECORDED' ) );
define( 'WP_DEFAULT_THEME', 'paper' );
define( 'DISABLE_WP_CRON', true );
define( 'AUTOMATIC_UPDATER_DISABLED', true );
$table_prefix = 'wp_';
if ( ! defined( 'ABSPATH' ) ) {
	define( 'ABSPATH', __DIR__ . '/' );
}
require_once ABSPATH . 'wp-settings.php';
