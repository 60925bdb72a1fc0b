"""How hero, nginx and the bare SwiftNIO server are started."""

import os
import shutil

from commands import run
from servers import PATH, Failure, Server, free_port, header_fields

BENCH = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(BENCH)
HERO = f"{ROOT}/.build-stage/bin/hero"
# Kept between runs: the peer and 300 bundles take minutes to build.
CACHE = f"{ROOT}/.build-bench"
PEER = f"{CACHE}/peer/release/peer"

# nginx adds these itself.
ADDED_BY_NGINX = {"server", "date", "content-type", "content-length", "connection", "keep-alive"}


def build_peer():
    run(["swift", "build", "-c", "release", "--package-path", f"{BENCH}/peer", "--scratch-path", f"{CACHE}/peer"])


def copy_sample(directory):
    """Copies the sample application without what was built in it, and builds it."""
    for name in ["actions", "initializers", "middleware", "config", "public"]:
        shutil.copytree(f"{ROOT}/{name}", f"{directory}/{name}", ignore=shutil.ignore_patterns("*.so"))
    run([HERO, "build"], directory)
    return directory


def hero(project, core=None, environment=None, settings=(), port=None):
    port = port or free_port()
    command = [HERO, "start", *(f"--set={setting}" for setting in settings)]
    return Server(command, port, project, {"PORT": str(port), **(environment or {})}, core)


def hero_quiet(project, core):
    """Logs nothing per request."""
    return hero(project, core, {"LOG_LEVEL": "warning"})


def hero_logging(project, core):
    """Writes one line per request to standard output."""
    return hero(project, core, settings=["logger.file.enabled=false"])


def hero_secure(project, core, certificate, key, ciphers):
    server = hero(project, core, {"LOG_LEVEL": "warning"}, [
        "web.secure=true", f"web.serverOptions.cert={certificate}", f"web.serverOptions.key={key}",
        f"web.serverOptions.ciphers={ciphers}"])
    server.scheme = "https"
    return server


def peer(answer, core=None):
    """The bare SwiftNIO server, with the headers and the body of an answer of hero's."""
    head, body = answer
    lines = [f"{name}: {value}" for name, value in header_fields(head)]
    port = free_port()
    return Server([PEER, str(port), "\n".join([*lines, "", body])], port, core=core)


def nginx(answer, directory, core=None):
    """nginx with one worker, without access log, with the headers and the body of an answer of hero's."""
    head, body = answer
    fields = header_fields(head)
    headers = "".join(f"add_header {name} '{value}';\n" for name, value in fields if name not in ADDED_BY_NGINX)
    if any(character in head + body for character in "'$\\"):
        raise Failure("hero's answer has a character that means something in nginx's configuration")
    return run_nginx(directory, core, f"""
        location / {{
            default_type '{dict(fields)["content-type"]}';
            {headers} return 200 '{body}';
        }}""")


def nginx_files(root, directory, core=None):
    """nginx with one worker, without access log, that sends files as the kernel can."""
    return run_nginx(directory, core, f"root {root}; sendfile on; location = {PATH} {{ return 200 'here'; }}")


def nginx_secure(root, directory, core, certificate, key, ciphers):
    server = run_nginx(directory, core, f"""
        root {root}; sendfile on; ssl_certificate {certificate}; ssl_certificate_key {key};
        ssl_protocols TLSv1.2 TLSv1.3; ssl_ciphers {ciphers};
        location = {PATH} {{ return 200 'here'; }}""", " ssl")
    server.scheme = "https"
    return server


def run_nginx(directory, core, server, listen=""):
    port = free_port()
    paths = "".join(f"{name}_temp_path {name};\n" for name in ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"])
    # One process, so that its time is all there is: the one that serves.
    with open(f"{directory}/nginx.conf", "w") as file:
        file.write(f"""
            daemon off; master_process off; pid nginx.pid; error_log error.log;
            events {{ worker_connections 1024; }}
            http {{
                {paths} access_log off; keepalive_requests 1000000000;
                server {{
                    listen 127.0.0.1:{port}{listen};
                    {server}
                }}
            }}""")
    # Debian keeps it where only root's PATH looks.
    program = shutil.which("nginx") or "/usr/sbin/nginx"
    command = [program, "-p", directory, "-e", f"{directory}/error.log", "-c", f"{directory}/nginx.conf"]
    return Server(command, port, core=core)
