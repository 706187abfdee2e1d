#!/bin/sh
# Make the password of the database, once: a file for the server, and one for the coach.
#
# The folder is for you alone. The files in it are for whoever gets them mounted, so that the users in the
# containers can read them. A service file, as libpq reads no password file that others may read, too.
set -eu
cd "$(dirname "$0")"
if [ -e secrets ]; then
    echo "secrets/ is there already: nothing is changed"
    exit
fi
password=$(head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \n')
umask 077
mkdir secrets.new
printf '%s' "$password" > secrets.new/postgres_password
printf '[coach]\npassword=%s\n' "$password" > secrets.new/pg_service.conf
chmod 444 secrets.new/*
mv secrets.new secrets
echo "the password of the database is in secrets/: keep it out of backups that others read"
