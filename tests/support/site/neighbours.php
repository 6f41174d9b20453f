<?php
/* The site of a test asks nobody (others.php); services that the test starts on this machine are the exception. */
add_filter( 'pre_http_request', function ( $before, $arguments, $url ) {
	return 0 === strpos( $url, 'http://127.0.0.1:' ) ? false : $before;
}, 20, 3 );
add_filter( 'use_block_editor_for_post', function ( $use ) {
	return $use && ! isset( $_GET['classic-editor'] );
} );
add_filter( 'locale', function ( $locale ) {
	return is_file( ABSPATH . 'locale' ) ? file_get_contents( ABSPATH . 'locale' ) : $locale;
} );
