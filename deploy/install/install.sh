#!/bin/sh
# Installs a node with HTTPS on Debian 12. Running it once more changes nothing that is right already.
# Usage, as root: deploy/install/install.sh london.example.org
set -eu
umask 022

here=$(cd "$(dirname "$0")" && pwd)
domain=${1:-}

refuse() {
    echo "$1" >&2
    exit 1
}

[ "$(id -u)" = 0 ] || refuse "this needs root: sudo $0 $domain"
echo "$domain" | grep -qE '^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$' ||
    refuse "say the name that leads to this server, in small letters: $0 london.example.org"
# The documents' own example, and a bare address: neither ever gets a certificate.
! echo "$domain" | grep -qE '(^|\.)example\.(org|com)$|^[0-9.]+$' ||
    refuse "$domain is no name of your own: say the one that leads to this server"
[ "$(getconf LONG_BIT)" = 64 ] || refuse "this needs a 64-bit Debian"
python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || [ ! -x /usr/bin/python3 ] ||
    refuse "this needs Debian 12 or newer: its Python is too old"
# A Caddy that serves something else is left as it is.
if [ -e /etc/caddy/Caddyfile ] && [ ! -e /etc/runtalkrun/Caddyfile ] && dpkg --verify caddy | grep -q /etc/caddy/Caddyfile
then
    refuse "Caddy serves something else here: /etc/caddy/Caddyfile was changed. Take a machine of its own for the node"
fi

began=$(date +%s)
missing=
for package in ca-certificates python3-venv caddy; do
    dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed ||
        missing="$missing $package"
done
if [ -n "$missing" ]; then
    apt-get update -q
    # shellcheck disable=SC2086
    DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing
fi

getent passwd runtalkrun >/dev/null ||
    useradd --system --user-group --home-dir /var/lib/runtalkrun --no-create-home --shell /usr/sbin/nologin runtalkrun
install -d -m 0700 -o runtalkrun -g runtalkrun /var/lib/runtalkrun /var/lib/runtalkrun-keys
install -d -m 0755 /etc/runtalkrun /etc/systemd/system /etc/systemd/system/caddy.service.d /opt/runtalkrun

# No secret is in here: a password stands in settings.env of the data folder. What somebody added stays.
environment=/etc/runtalkrun/environment
[ -e "$environment" ] || cat > "$environment" <<END
RTR_DATA=/var/lib/runtalkrun/node
RTR_KEYS_FOLDER=/var/lib/runtalkrun-keys
RTR_TRUSTED_PROXIES=1
RTR_BASE_URL=
DOMAIN=
END
sed -i "s|^RTR_BASE_URL=.*|RTR_BASE_URL=https://$domain|; s|^DOMAIN=.*|DOMAIN=$domain|" "$environment"
[ -e /etc/runtalkrun/Caddyfile ] || install -m 0644 "$here/Caddyfile" /etc/runtalkrun/Caddyfile
install -m 0644 "$here/runtalkrun.service" /etc/systemd/system/runtalkrun.service
install -m 0644 "$here/caddy.conf" /etc/systemd/system/caddy.service.d/runtalkrun.conf
install -m 0755 "$here/rtr" /usr/local/bin/rtr

folder=$("$here/make-version")
if [ ! -e /opt/runtalkrun/current ]; then
    ln -s "${folder##*/}" /opt/runtalkrun/current
elif [ "$(readlink -f /opt/runtalkrun/current)" != "$folder" ]; then
    echo "$folder is made. Another version serves: rtr upgrade changes to this one, after a copy"
fi

echo "installed in $(($(date +%s) - began)) s"
if [ ! -d /run/systemd/system ]; then
    echo "systemd does not run here, so nothing was started"
    exit
fi
systemctl daemon-reload
systemctl enable --quiet runtalkrun caddy
systemctl restart runtalkrun caddy

waited=0
until /usr/local/bin/rtr health >/dev/null 2>&1; do
    waited=$((waited + 1))
    [ "$waited" -lt 60 ] || refuse "the node does not answer; its log says why: journalctl -u runtalkrun"
    sleep 1
done
# The link; or why there is none, which is no error where the set-up is done.
said=$(/usr/local/bin/rtr setup-link 2>&1) || said=${said#Error: }
echo "$said"
