// For browsers that cannot run the modules: a sentence in place of a page that stands still. In the words of old ones.
(function () {
  function say() {
    if (document.getElementById("too-old")) return;
    var line = document.createElement("p");
    line.id = "too-old";
    line.setAttribute("role", "alert");
    line.style.cssText =
      "margin:0;padding:12px 16px;background:#7a1f1f;color:#fff;font:16px/1.4 sans-serif";
    line.appendChild(
      document.createTextNode(
        "This browser is too old for this page. It needs Chrome or Edge 87, Firefox 90, Safari 15, or newer.",
      ),
    );
    document.body.insertBefore(line, document.body.firstChild);
  }
  /** @param {() => void} call */
  function whenReady(call) {
    if (document.body) call();
    else document.addEventListener("DOMContentLoaded", call);
  }
  var modules = "noModule" in document.createElement("script");
  if (!modules || !window.Promise || !Promise.any || !String.prototype.replaceAll) whenReady(say);
  // What is not known here shows when a module is read, which is over when the page has loaded.
  window.addEventListener("error", function (event) {
    var error = event.error;
    if (document.readyState === "complete") return;
    if (error && error.name === "SyntaxError") whenReady(say);
  });
})();
