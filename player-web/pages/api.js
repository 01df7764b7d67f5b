import { byId } from "./page.js";

/** Shows the server's own description of its API (/api/v1/openapi.json), and nothing that is not in it. */

/**
 * @typedef {object} Operation
 * @property {string} summary
 * @property {string} [description]
 * @property {{name: string, in: string, description?: string}[]} [parameters]
 * @property {{content: Record<string, {schema: {$ref?: string}}>}} [requestBody]
 * @property {Record<string, {content?: Record<string, {schema: {$ref?: string}}>}>} responses
 */

/** @param {string} tag @param {string} text @param {string} [className] */
function part(tag, text, className = "") {
  const element = document.createElement(tag);
  element.textContent = text;
  if (className) element.className = className;
  return element;
}

/** @param {Record<string, {schema: {$ref?: string}}> | undefined} content */
function contentPart(content) {
  if (!content) return part("span", "nothing");
  const [[type, { schema }]] = Object.entries(content);
  if (!schema.$ref) return part("code", type);
  const name = schema.$ref.slice(schema.$ref.lastIndexOf("/") + 1);
  const link = document.createElement("a");
  link.href = `#schema-${name}`;
  link.textContent = name;
  return link;
}

/** @param {string} path @param {string} method @param {Operation} operation */
function operationPart(path, method, operation) {
  const box = document.createElement("details");
  box.className = "sheet operation";
  const head = document.createElement("summary");
  head.append(
    part("span", method.toUpperCase(), "method"),
    part("code", path),
    part("span", operation.summary, "soft"),
  );
  const facts = document.createElement("dl");
  const fact = (/** @type {string} */ name, /** @type {Node} */ value) => {
    const cell = document.createElement("dd");
    cell.append(value);
    facts.append(part("dt", name), cell);
  };
  fact("right", part("span", operation.description ?? "Anybody may."));
  for (const each of operation.parameters ?? [])
    fact(
      each.in === "query" ? `?${each.name}` : `{${each.name}}`,
      part("span", each.description ?? ""),
    );
  if (operation.requestBody) fact("body", contentPart(operation.requestBody.content));
  for (const [status, answer] of Object.entries(operation.responses))
    fact(status === "default" ? "refused" : status, contentPart(answer.content));
  box.append(head, facts);
  return box;
}

/** @param {string} name @param {unknown} schema */
function schemaPart(name, schema) {
  const box = document.createElement("details");
  box.className = "sheet schema";
  box.id = `schema-${name}`;
  const head = document.createElement("summary");
  head.append(part("code", name));
  const text = document.createElement("pre");
  text.append(part("code", JSON.stringify(schema, null, 2)));
  text.tabIndex = 0; // it scrolls
  box.append(head, text);
  return box;
}

function openLinked() {
  const box = document.getElementById(location.hash.slice(1));
  if (box instanceof HTMLDetailsElement) box.open = true;
}

async function show() {
  const { paths, components } = await (await fetch("/api/v1/openapi.json")).json();
  for (const [path, methods] of Object.entries(paths))
    for (const [method, operation] of Object.entries(methods))
      byId("operations", HTMLElement).append(operationPart(path, method, operation));
  for (const [name, schema] of Object.entries(components.schemas))
    byId("schemas", HTMLElement).append(schemaPart(name, schema));
  byId("schemashead", HTMLElement).hidden = false;
  openLinked();
}

addEventListener("hashchange", openLinked);
show().catch((/** @type {Error} */ error) => {
  const alert = byId("alert", HTMLElement);
  alert.textContent = `The description cannot be read: ${error.message}`;
  alert.hidden = false;
});
