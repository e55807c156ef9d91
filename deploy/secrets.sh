#!/usr/bin/env bash
# Makes the secrets of compose.yaml that are missing, in deploy/secrets/. Run it as root or as user 1000: the processes
# read the files as user 1000.
set -euo pipefail
umask 077
mkdir -p "$(dirname "$0")/secrets"
cd "$(dirname "$0")/secrets"

random() { head --bytes=32 /dev/urandom | od --address-radix=n --format=x1 | tr --delete ' \n'; }

for name in secret_key pin_pepper database_password redis_password; do
    [[ -s $name ]] || random >"$name"
done
[[ -s database_url ]] || printf 'postgresql://line:%s@database/line' "$(cat database_password)" >database_url
[[ -s redis_url ]] || printf 'redis://:%s@redis:6379/0' "$(cat redis_password)" >redis_url
if [[ ! -s twilio_auth_token ]]; then
    read -rsp "The carrier's token (TWILIO_AUTH_TOKEN), not shown: " token || true
    printf '%s' "${token:-}" >twilio_auth_token
    echo
fi
if [[ $EUID == 0 ]]; then chown 1000 -- *; fi
echo "Keep a copy of secret_key and pin_pepper elsewhere: without them every PIN and link is void."
