#!/bin/sh
# What journeys and fault tests need of the machine (Chromium, certutil, gcc): found, or installed by apt when root.
chromium=
for name in chromium chromium-browser google-chrome; do
  command -v "$name" >/dev/null 2>&1 && chromium=$name && break
done
[ -n "$chromium" ] && command -v certutil >/dev/null 2>&1 && command -v gcc >/dev/null 2>&1 && exit 0
wanted="libnss3-tools"
command -v gcc >/dev/null 2>&1 || wanted="$wanted gcc libc6-dev"
[ -n "$chromium" ] || wanted="chromium fonts-noto-cjk $wanted"
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  echo "Installing for the tests: $wanted …"
  (apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $wanted) >/dev/null 2>&1 && exit 0
fi
echo "The tests need (Debian packages): $wanted. Install them and run make test again." >&2
exit 1
