# Caddy for compose.yaml: as nobody, on ports that need no privilege.
FROM caddy:2.11-alpine
RUN setcap -r /usr/bin/caddy && install -d -o 10002 -g 10002 -m 700 /var/lib/caddy
COPY Caddyfile /etc/caddy/Caddyfile
ENV XDG_DATA_HOME=/var/lib/caddy XDG_CONFIG_HOME=/var/lib/caddy
VOLUME /var/lib/caddy
USER 10002:10002
EXPOSE 8080 8443
