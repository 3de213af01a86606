#!/bin/sh
# Make sure a Chromium is here for the journeys: found, or installed through apt when root on Debian.
for name in chromium chromium-browser google-chrome; do
  command -v "$name" >/dev/null 2>&1 && exit 0
done
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  echo "Installing Chromium and a Chinese font for the browser tests …"
  (apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium fonts-noto-cjk) >/dev/null 2>&1 && exit 0
fi
echo "The browser tests need Chromium: install the package “chromium” (Debian) and run make test again." >&2
exit 1
