// React: a component that shows a stream, and one that puts the camera on air. Both give back what they took.
// `server` is where framewire runs, such as "https://host:8443"; npm install SERVER/framewire.tgz
import { framewire } from "framewire";
import { useEffect, useRef, useState } from "react";

/** @param {{server: string, stream: string, token?: string}} props */
export function Live({ server, stream, token }) {
  const video = useRef(/** @type {HTMLVideoElement | null} */ (null));
  const [state, setState] = useState("connecting");
  useEffect(() => {
    if (!video.current) return;
    const player = framewire(server).play(video.current, stream, { token });
    player.on("state", setState);
    return () => {
      player.stop(); // also when StrictMode runs this twice
    };
  }, [server, stream, token]);
  return (
    <figure>
      <video ref={video} muted playsInline />
      <figcaption>{state}</figcaption>
    </figure>
  );
}

/** @param {{server: string, stream: string, token?: string}} props */
export function OnAir({ server, stream, token }) {
  const [viewers, setViewers] = useState(0);
  const [error, setError] = useState("");
  useEffect(() => {
    let gone = false;
    /** @type {() => void} */
    let end = () => {}; // nothing yet: somebody is being asked
    const begin = async () => {
      const camera = await navigator.mediaDevices.getUserMedia({ video: true, audio: true });
      const own = gone ? null : framewire(server).publish(camera, stream, { token });
      end = () => own?.stop();
      own?.on("viewers", setViewers);
      const why = await own?.closed;
      for (const track of camera.getTracks()) track.stop();
      if (why) setError(why.message);
    };
    begin().catch((why) => setError(String(why)));
    return () => {
      gone = true;
      end();
    };
  }, [server, stream, token]);
  return <p role="status">{error || `${viewers} watching`}</p>;
}
