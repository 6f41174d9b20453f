<?php
/**
 * Takes away all that the plugin keeps. Posts stay as they are: their embeds are plain HTML.
 *
 * @package TweetEmbed
 */

defined( 'WP_UNINSTALL_PLUGIN' ) || exit;

/**
 * Take away what is kept in one site.
 */
function tweet_embed_uninstall_site() {
	delete_option( 'tweet_embed' );
	delete_option( 'tweet_embed_assets' );
	delete_transient( 'tweet_embed_pause' );
	delete_post_meta_by_key( '_tweet_embed_report' );
	wp_unschedule_hook( 'tweet_embed_retry' );
	wp_unschedule_hook( 'tweet_embed_daily' );
}

if ( is_multisite() ) {
	foreach ( get_sites( array( 'fields' => 'ids', 'number' => 0 ) ) as $tweet_embed_site ) { // phpcs:ignore WordPress.Arrays.ArrayDeclarationSpacing.AssociativeArrayFound
		switch_to_blog( $tweet_embed_site );
		tweet_embed_uninstall_site();
		restore_current_blog();
	}
} else {
	tweet_embed_uninstall_site();
}
