<?php
/*
 * What a test does inside WordPress, with nobody logged in: `?do=NAME`, JSON in and out. Run by the site's own server:
 * another process would take ten times as long to read WordPress.
 */
ini_set( 'display_errors', '1' );
require __DIR__ . '/wp-load.php';
require_once ABSPATH . 'wp-admin/includes/plugin.php';

const PLUGIN = 'tweet-embed/tweet-embed.php';

$actions = array(
	'activate'         => function () {
		return activate_plugin( PLUGIN );
	},
	'uninstall'        => function () {
		deactivate_plugins( PLUGIN );
		return uninstall_plugin( PLUGIN );
	},
	'configure'        => function ( $in ) {
		update_option( 'tweet_embed', $in['settings'] );
		return delete_transient( 'tweet_embed_pause' );
	},
	'settings'         => function () {
		return get_option( 'tweet_embed' );
	},
	'add user'         => function ( $in ) {
		return is_int( wp_insert_user( array( 'user_login' => $in['name'], 'user_pass' => $in['secret'], 'role' => $in['role'] ) ) );
	},
	'content'          => function ( $in ) {
		global $wpdb;
		return $wpdb->get_var( $wpdb->prepare( "SELECT post_content FROM $wpdb->posts WHERE ID = %d", $in['post'] ) );
	},
	'times'            => function ( $in ) {
		$post = get_post( $in['post'] );
		return array( $post->post_date, $post->post_modified, $post->post_modified_gmt );
	},
	'set row'          => function ( $in ) {
		global $wpdb;
		return $wpdb->update( $wpdb->posts, $in['row'], array( 'ID' => $in['post'] ) );
	},
	'set charset'      => function ( $in ) {
		global $wpdb;
		return $wpdb->query( "ALTER TABLE $wpdb->posts MODIFY post_content LONGTEXT CHARACTER SET {$in['charset']}" );
	},
	'meta'             => function ( $in ) {
		return get_post_meta( $in['post'], $in['key'], true );
	},
	'set meta'         => function ( $in ) {
		return update_post_meta( $in['post'], $in['key'], wp_slash( $in['value'] ) );
	},
	'delete meta'      => function ( $in ) {
		return delete_post_meta( $in['post'], $in['key'] );
	},
	'lock'             => function ( $in ) {
		return update_post_meta( $in['post'], '_edit_lock', time() . ':1' );
	},
	'failures'         => function ( $in ) {
		$rows = array_map( 'current', get_post_meta( $in['post'] ) );
		return array_keys( array_intersect( $rows, array( '{{unknown}}' ) ) );
	},
	'revisions'        => function ( $in ) {
		return array_values( wp_list_pluck( wp_get_post_revisions( $in['post'] ), 'post_content' ) );
	},
	'delete revisions' => function ( $in ) {
		return array_map( 'wp_delete_post_revision', array_keys( wp_get_post_revisions( $in['post'] ) ) );
	},
	'next try'         => function ( $in ) {
		return wp_next_scheduled( 'tweet_embed_retry', array( $in['post'] ) );
	},
	'make due'         => function ( $in ) {
		wp_clear_scheduled_hook( 'tweet_embed_retry', array( $in['post'] ) );
		delete_transient( 'doing_cron' );
		return wp_schedule_single_event( time() - 1, 'tweet_embed_retry', array( $in['post'] ) );
	},
	'heal while saved' => function ( $in ) {
		add_filter( 'http_response', function ( $response ) use ( $in ) {
			global $wpdb;
			$wpdb->update( $wpdb->posts, array( 'post_content' => $in['newer'] ), array( 'ID' => $in['post'] ) );
			return $response;
		} );
		do_action( 'tweet_embed_retry', $in['post'] );
	},
	'oembed'           => function ( $in ) {
		return wp_oembed_get( $in['url'] );
	},
	'may ask'          => function ( $in ) {
		return array_map( function ( $url ) {
			return (bool) wp_http_validate_url( $url );
		}, $in['urls'] );
	},
	'traces'           => function () {
		global $wpdb;
		$events = array_keys( array_merge( array(), ...array_values( _get_cron_array() ) ) );
		return array_merge(
			$wpdb->get_col( "SELECT option_name FROM $wpdb->options WHERE option_name LIKE '%tweet%embed%'" ),
			$wpdb->get_col( "SELECT meta_key FROM $wpdb->postmeta WHERE meta_key LIKE '%tweet%embed%'" ),
			array_values( preg_grep( '/^tweet_embed/', $events ) )
		);
	},
);

echo "\n", json_encode( $actions[ $_GET['do'] ]( json_decode( file_get_contents( 'php://input' ), true ) ) );
