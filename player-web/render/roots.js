/** All trees of a document: itself and its shadow roots, closed ones too. */

/** @type {Set<ShadowRoot>} */
const shadows = new Set();

/** @param {import("./film_clock.js").Scope} scope */
export function watchShadows(scope) {
  const { attachShadow } = scope.Element.prototype;
  /** @this {Element} @param {ShadowRootInit} init */
  scope.Element.prototype.attachShadow = function (init) {
    const root = attachShadow.call(this, init);
    shadows.add(root);
    return root;
  };
}

let looked = -1;

/** Those that are shown. @param {Document} document @returns {(Document | ShadowRoot)[]} */
export function rootsOf(document) {
  // Of markup (`<template shadowrootmode>`): no call made them. All elements are looked at only if there are others.
  const all = document.getElementsByTagName("*");
  if (all.length !== looked)
    for (const element of all) if (element.shadowRoot) shadows.add(element.shadowRoot);
  looked = all.length;
  return [document, ...[...shadows].filter((root) => root.host.isConnected)];
}
