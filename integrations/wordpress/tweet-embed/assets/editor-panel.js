/* The block editor's panel: what became of each tweet of the post, after every save. */
( function ( wp, words ) {
	'use strict';

	var el = wp.element.createElement;
	var useState = wp.element.useState;
	var useEffect = wp.element.useEffect;
	var useRef = wp.element.useRef;
	// Since WordPress 6.6 it is part of the editor; before, of the post editor.
	var Panel = wp.editor.PluginDocumentSettingPanel || wp.editPost.PluginDocumentSettingPanel;

	/* Show what was stored in place of what was typed, as long as nothing has been typed since. */
	function showStored( type, id, content ) {
		var editor = wp.data.select( 'core/editor' );
		var blocks = wp.blocks.parse( content );
		// New blocks would take the cursor along.
		if ( editor.isEditedPostDirty() || editor.getEditedPostContent() === wp.blocks.serialize( blocks ) ) {
			return;
		}
		wp.data.dispatch( 'core' ).editEntityRecord( 'postType', type, id, { blocks: blocks, selection: undefined }, { undoIgnore: true } );
	}

	function Tweet( props ) {
		var tweet = props.tweet;
		return el(
			'li',
			null,
			el( 'span', { className: 'tweet-embed-state is-' + tweet.state }, tweet.label ),
			' ',
			el( 'span', { className: 'tweet-embed-author' }, el( 'bdi', null, tweet.name ), ' ', el( 'bdi', { dir: 'ltr' }, tweet.handle ) ),
			tweet.text && el( 'span', { className: 'tweet-embed-text', dir: tweet.dir, lang: tweet.lang || undefined }, tweet.text ),
			tweet.why && el( 'span', { className: 'tweet-embed-why' }, tweet.why ),
			tweet.url && el( 'a', { href: tweet.url, target: '_blank', rel: 'noopener noreferrer' }, words.open )
		);
	}

	function TweetPanel() {
		var post = wp.data.useSelect( function ( select ) {
			var editor = select( 'core/editor' );
			return {
				id: editor.getCurrentPostId(),
				type: editor.getCurrentPostType(),
				isNew: editor.isEditedPostNew(),
				isDirty: editor.isEditedPostDirty(),
				isSaving: editor.isSavingPost() && ! editor.isAutosavingPost(),
			};
		}, [] );
		var reported = useState( null );
		var failed = useState( '' );
		var asking = useState( false );
		var wasSaving = useRef( false );

		/* `isNews`: the post may have changed since the editor has it; told outside the panel too, which may be closed. */
		function ask( method, isNews ) {
			asking[ 1 ]( true );
			wp.apiFetch( { path: '/tweet-embed/v1/posts/' + post.id, method: method } )
				.then( function ( report ) {
					failed[ 1 ]( '' );
					reported[ 1 ]( report );
					if ( ! isNews ) {
						return;
					}
					showStored( post.type, post.id, report.content );
					if ( ! report.whole ) {
						wp.data.dispatch( 'core/notices' ).createInfoNotice( report.summary, { type: 'snackbar', id: 'tweet-embed' } );
					}
				} )
				.catch( function ( error ) {
					failed[ 1 ]( ( error && error.message ) || words.failed );
				} )
				.finally( function () {
					asking[ 1 ]( false );
				} );
		}

		useEffect( function () {
			if ( ! post.isNew ) {
				ask( 'GET' );
			}
		}, [] );
		useEffect(
			function () {
				if ( wasSaving.current && ! post.isSaving ) {
					ask( 'GET', true );
				}
				wasSaving.current = post.isSaving;
			},
			[ post.isSaving ]
		);

		var report = reported[ 0 ];
		return el(
			Panel,
			{ name: 'tweet-embed', title: words.title + ( report && report.count ? ' (' + report.count + ')' : '' ), className: 'tweet-embed-panel' },
			el(
				'div',
				{ 'aria-live': 'polite' },
				el( 'p', null, report ? report.summary : post.isNew ? words.unsaved : words.loading ),
				report && report.trouble && el( 'p', { className: 'tweet-embed-note' }, report.trouble ),
				report && report.next && el( 'p', { className: 'tweet-embed-note' }, report.next ),
				failed[ 0 ] && el( 'p', { className: 'tweet-embed-note' }, failed[ 0 ] ),
				report &&
					el(
						'ul',
						null,
						report.tweets.map( function ( tweet, index ) {
							return el( Tweet, { key: index, tweet: tweet } );
						} )
					)
			),
			report && post.isDirty && el( 'p', { className: 'tweet-embed-why' }, words.unsaved ),
			report &&
				! post.isDirty &&
				el(
					wp.components.Button,
					{
						variant: 'secondary',
						isBusy: asking[ 0 ],
						disabled: asking[ 0 ] || post.isSaving,
						onClick: function () {
							ask( 'POST', true );
						},
					},
					words.check
				)
		);
	}

	wp.plugins.registerPlugin( 'tweet-embed', { render: TweetPanel, icon: null } );
} )( window.wp, window.tweetEmbedPanel );
