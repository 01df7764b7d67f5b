/**
 * nginx with nchan, Debian's, as its manual has it for WebSockets: one worker, a ring of messages a
 * channel, published at /publish/{stream} and watched at /live/{stream}.
 */
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const kModule = "/usr/lib/nginx/modules/ngx_nchan_module.so";

export async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  server.close();
  await once(server, "close");
  return port;
}

/** @param {string[] | undefined} certificate its files, cert and key; undefined = plain */
export async function makeNchan(certificate) {
  if (!existsSync(kModule)) throw new Error("nchan is missing: apt install libnginx-mod-nchan");
  const folder = mkdtempSync(join(tmpdir(), "fw-nchan-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  const port = await freePort();
  const [cert, key] = certificate ?? [];
  const config = `
daemon off; master_process off; worker_rlimit_nofile 20000;
pid ${folder}/pid; error_log stderr crit;
load_module ${kModule};
events { worker_connections 10000; }
http {
  access_log off; tcp_nodelay on; keepalive_timeout 3600;
  client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi; uwsgi_temp_path ${folder}/uwsgi; scgi_temp_path ${folder}/scgi;
  client_max_body_size 16m; nchan_shared_memory_size 512m;
  server {
    listen 127.0.0.1:${port}${certificate ? " ssl" : ""};
    ${certificate ? `ssl_certificate ${cert}; ssl_certificate_key ${key};` : ""}
    location ~ ^/publish/(.+)$ {
      nchan_publisher websocket; nchan_channel_id $1; nchan_message_buffer_length 1200;
    }
    location ~ ^/live/(.+)$ {
      nchan_subscriber websocket; nchan_channel_id $1; nchan_subscriber_first_message newest;
    }
  }
}`;
  const file = join(folder, "nginx.conf");
  writeFileSync(file, config);
  return { command: ["/usr/sbin/nginx", "-p", folder, "-c", file], port };
}

/** Resolves once something listens. @param {number} port @param {number} within ms */
export async function listening(port, within) {
  for (const end = Date.now() + within; Date.now() < end; ) {
    const socket = connect(port, "127.0.0.1");
    const open = await new Promise((resolve) => {
      socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    });
    socket.destroy();
    if (open) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`nothing listens on port ${port}`);
}
