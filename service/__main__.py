"""`python -m service` is `tweet-embed`."""

from service.cli import main

if __name__ == "__main__":
    main()
