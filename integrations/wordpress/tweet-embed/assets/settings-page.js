/* The button that tests the connection, with what is typed. */
( function ( wp, words ) {
	'use strict';

	var button = document.getElementById( 'tweet-embed-test' );
	var result = document.getElementById( 'tweet-embed-test-result' );

	function typed( name ) {
		return document.getElementById( 'tweet-embed-' + name ).value;
	}

	function tell( state, message ) {
		result.className = 'is-' + state;
		result.textContent = message;
	}

	button.addEventListener( 'click', function () {
		button.disabled = true;
		tell( 'asking', words.testing );
		wp.apiFetch( {
			path: '/tweet-embed/v1/test',
			method: 'POST',
			data: { address: typed( 'address' ), key: typed( 'key' ), timeout: Number( typed( 'timeout' ) ) },
		} )
			.then( function ( answer ) {
				tell( answer.ok ? 'good' : 'bad', answer.message );
			} )
			.catch( function ( error ) {
				tell( 'bad', ( error && error.message ) || words.failed );
			} )
			.finally( function () {
				button.disabled = false;
			} );
	} );
} )( window.wp, window.tweetEmbedSettings );
