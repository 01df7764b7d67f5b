/** The API's answers held against its own OpenAPI document, by a validator that is not ours (ajv). */
import assert from "node:assert/strict";
import { Ajv2020 } from "ajv/dist/2020.js";

/** @typedef {import('./server.mjs').Server} Server */

/** What a path of an answer is in the document. @param {string} path */
function matcher(path) {
  const pattern = path.replace(/\{(\w+)\}/g, (_, name) =>
    name === "stream" ? "[\\w/-]+" : "[\\w./-]+",
  );
  return new RegExp(`^${pattern}$`);
}

export class Api {
  /** @param {Server} server @param {any} document @param {HeadersInit} headers */
  constructor(server, document, headers) {
    this.server = server;
    this.document = document;
    this.headers = headers;
    this.ajv = new Ajv2020({ strict: false, allErrors: true });
    this.ajv.addSchema({ $id: "api", components: document.components });
  }

  /** @param {Server} server @param {HeadersInit} [headers] of each request */
  static async of(server, headers = {}) {
    const answer = await server.fetch("/api/v1/openapi.json");
    assert.equal(answer.status, 200);
    return new Api(server, await answer.json(), headers);
  }

  /** Asks, and holds the answer against what the document says of it.
   * @param {string} method @param {string} path @param {unknown} [body] a text goes as it is @param {HeadersInit} [headers]
   * @returns {Promise<{status: number, json: any, headers: Headers}>} */
  async ask(method, path, body = undefined, headers = {}) {
    const text = body === undefined || typeof body === "string" ? body : JSON.stringify(body);
    const answer = await this.server.fetch(path, {
      method,
      body: text,
      headers: { ...this.headers, ...headers },
    });
    const came = await answer.text();
    const json = came ? JSON.parse(came) : null;
    this.check(method, path, answer.status, json);
    return { status: answer.status, json, headers: answer.headers };
  }

  /** @param {string} method @param {string} path @param {number} status @param {unknown} json */
  check(method, path, status, json) {
    const bare = path.split("?")[0];
    const shape = Object.keys(this.document.paths)
      .filter((each) => matcher(each).test(bare))
      // "/streams/{stream}/record" is a stream's name, too, for all but POST.
      .sort((a, b) => b.length - a.length)
      .find((each) => this.document.paths[each][method.toLowerCase()]);
    const operation = shape && this.document.paths[shape][method.toLowerCase()];
    if (status === 304) {
      assert.ok(operation?.responses[304], `${method} ${bare} says that it may be 304`);
      return;
    }
    const good = status < 300;
    if (good) assert.ok(operation, `${method} ${bare} is in the document`);
    const response = operation?.responses[String(status)];
    if (good) assert.ok(response, `${method} ${bare}: ${status} is in the document`);
    const schema = good
      ? response.content?.["application/json"]?.schema
      : { $ref: "#/components/schemas/Error" };
    if (!schema?.$ref) assert.equal(json, null, `${method} ${bare} answers nothing`);
    else this.hold(schema.$ref.split("/").pop(), json);
  }

  /** @param {string} name of a schema @param {unknown} json */
  hold(name, json) {
    const validate = this.ajv.compile({ $ref: `api#/components/schemas/${name}` });
    assert.ok(
      validate(json),
      `${name}: ${this.ajv.errorsText(validate.errors)}\n${JSON.stringify(json)}`,
    );
  }
}
