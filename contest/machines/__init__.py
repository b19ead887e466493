"""Everything that touches the world outside: films on disk, ffmpeg, storage."""
