/** What chat and its tools are made of. @param {string} tag @param {string} name its class @param {string} text */
export function part(tag, name, text) {
  const element = document.createElement(tag);
  if (name) element.className = name;
  element.textContent = text;
  return element;
}
