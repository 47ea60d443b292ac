"""The public app (survey and unsubscribe pages); later the console."""
