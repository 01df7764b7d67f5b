/**
 * The choices of camera and microphone. Before the visitor has allowed one, browsers tell neither names nor ids.
 */

/**
 * @param {HTMLSelectElement} select whose first option is the browser's own choice; options with an
 *   empty value or `none` stay
 * @param {MediaDeviceKind} kind
 * @param {MediaDeviceInfo[]} devices
 */
function fill(select, kind, devices) {
  const chosen = select.value;
  for (const option of [...select.options]) {
    if (option.value !== "" && option.value !== "none") option.remove();
  }
  const first = select.options[0];
  const named = devices.filter((device) => device.kind === kind && device.deviceId && device.label);
  for (const { deviceId, label } of named.reverse()) {
    if (deviceId !== "default") first.after(new Option(label, deviceId));
  }
  select.value = chosen;
  if (select.selectedIndex < 0) select.value = "";
}

/** @param {HTMLSelectElement} cameras @param {HTMLSelectElement} microphones */
export async function listDevices(cameras, microphones) {
  const devices = (await navigator.mediaDevices?.enumerateDevices().catch(() => [])) ?? [];
  fill(cameras, "videoinput", devices);
  fill(microphones, "audioinput", devices);
}
