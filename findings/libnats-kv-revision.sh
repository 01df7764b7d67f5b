#!/usr/bin/env bash
# libnats 3.4.1 (Debian 12): kvStore_Update() that loses the race sets the caller's revision variable to 0.
#
# The first argument of kvStore_Update() is where the new revision goes, the last is the revision one expects. A compare-
# and-set loop that keeps one variable for both reads well, and one would think that a refused update leaves it alone. It is
# set to 0, so each further try with it expects revision 0 and is refused for good, although nothing else writes any more.
# Keep the expected revision in a variable of its own, and read it anew after a refusal.
. "$(dirname "$(readlink -f "$0")")/lib.sh"
debs libnats-dev=3.4.1-1+b1 libnats3.4=3.4.1-1+b1 nats-server=2.9.10-1+b3 libprotobuf-c1=1.4.1-1+b1

cat > try.c <<'C'
#include <nats/nats.h>
#include <stdio.h>
int main(int argc, char** argv) {
  natsConnection* nc = NULL; jsCtx* js = NULL; kvStore* kv = NULL; kvConfig config;
  uint64_t first = 0, second = 0, mine;
  if (argc < 2 || natsConnection_ConnectTo(&nc, argv[1]) || natsConnection_JetStream(&js, nc, NULL)) return 2;
  kvConfig_Init(&config);
  config.Bucket = "streams";
  if (js_CreateKeyValue(&kv, js, &config)) return 2;
  kvStore_CreateString(&first, kv, "cam", "node-a");            /* revision 1 */
  kvStore_UpdateString(&second, kv, "cam", "node-b", first);    /* revision 2: somebody else was faster */
  mine = first;                                                 /* 1: out of date, as it may be */
  natsStatus refused = kvStore_UpdateString(&mine, kv, "cam", "node-c", mine);
  printf("refused=%d revision=%llu\n", refused != NATS_OK, (unsigned long long)mine);
  kvStore_Destroy(kv); jsCtx_Destroy(js); natsConnection_Destroy(nc); nats_Close();
  return 0;
}
C
lib=$work/root/usr/lib/$(gcc -print-multiarch)
gcc -I root/usr/include try.c -o try -L "$lib" -lnats -Wl,-rpath-link,"$lib"
root/usr/sbin/nats-server -a 127.0.0.1 -p -1 -js -sd "$work/store" --ports_file_dir "$work" >server.log 2>&1 &
started+=($!)
for _ in $(seq 100); do ls nats-server_*.ports >/dev/null 2>&1 && break; sleep 0.1; done
url=$(grep -o 'nats://127[^"]*' nats-server_*.ports | head -n 1)
seen=$(LD_LIBRARY_PATH=$lib ./try "$url")
expect "libnats 3.4.1, nats-server 2.9.10: a refused update" "refused=1 revision=0" "$seen"
