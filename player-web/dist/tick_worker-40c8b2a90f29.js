var s=globalThis;s.onmessage=({data:e})=>{setInterval(()=>s.postMessage(null),e)};
