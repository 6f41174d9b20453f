<?php
/* Run in the site's folder. Posts as a JSON list on standard input, their ids as a JSON list on standard output. */
require getcwd() . '/wp-load.php';
kses_remove_filters();  // as for an administrator: markup stays as written
$ids = array();
foreach ( json_decode( stream_get_contents( STDIN ), true ) as $post ) {
	$id = wp_insert_post( wp_slash( $post['fields'] ), true );
	if ( is_wp_error( $id ) ) {
		fwrite( STDERR, $id->get_error_message() );
		exit( 1 );
	}
	if ( $post['revision'] ) {
		wp_save_post_revision( $id );
	}
	foreach ( $post['meta'] as $key => $value ) {
		add_post_meta( $id, $key, wp_slash( $value ) );
	}
	$ids[] = $id;
}
echo json_encode( $ids );
