#!/usr/bin/env bash
# GStreamer 1.22 (Debian 12): `souphttpclientsink` sends a live stream as one PUT per buffer; `curlhttpsink` sends one body.
#
# Both are "HTTP client sinks", and one expects one request with a chunked body from either. The sink of libsoup makes a
# request for each buffer that the muxer gives, with `Content-Range: bytes FIRST-LAST/*` on all but the first, so a server
# that takes a PUT as a whole thing holds hundreds of small files, each overwriting the one before, and all answered 200.
. "$(dirname "$(readlink -f "$0")")/lib.sh"
with_needs gstreamer1.0-tools=1.22.0-2+deb12u1 gstreamer1.0-plugins-base=1.22.0-3+deb12u7 gstreamer1.0-libav=1.22.0-2 \
  gstreamer1.0-plugins-good=1.22.0-5+deb12u4 gstreamer1.0-plugins-bad=1.22.0-4+deb12u8 libsoup-3.0-0=3.2.3-0+deb12u2

cat > server.py <<'P'
import http.server, sys
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_PUT(self):
        ranged = "Content-Range" in self.headers
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            while size := int(self.rfile.readline(), 16): self.rfile.read(size + 2)
            self.rfile.readline()
        else: self.rfile.read(int(self.headers.get("Content-Length", 0)))
        with open("seen.txt", "a") as out: out.write("%s %s\n" % (self.path, "ranged" if ranged else "whole"))
        self.send_response(200); self.send_header("Content-Length", "0"); self.end_headers()
    do_POST = do_PUT
    def log_message(self, *_): pass
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_address[1], flush=True)
server.serve_forever()
P
python3 server.py >port.txt & started+=($!)
while [ ! -s port.txt ]; do sleep 0.1; done
url=http://127.0.0.1:$(cat port.txt)
source=(videotestsrc num-buffers=60 ! video/x-raw,width=160,height=90,framerate=30/1 ! vp8enc deadline=1 ! webmmux streamable=true)
gst-launch-1.0 -q "${source[@]}" ! souphttpclientsink location="$url/soup"
gst-launch-1.0 -q "${source[@]}" ! curlhttpsink location="$url/curl" content-type=video/webm
soup=$(grep -c '^/soup' seen.txt || true) ranged=$(grep -c '^/soup ranged' seen.txt || true) curl=$(grep -c '^/curl' seen.txt || true)
expect "souphttpclientsink: more than 30 requests for 60 pictures" yes "$([ "$soup" -gt 30 ] && echo yes || echo "$soup")"
expect "all but the first with Content-Range" "$((soup - 1))" "$ranged"
expect "curlhttpsink: requests" 1 "$curl"
