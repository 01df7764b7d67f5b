/** `<framewire-player>` in JSX: `import "framewire/react"` once, with React's own types beside it. */
import type { DetailedHTMLProps, HTMLAttributes } from "react";
import type { FramewirePlayer } from "../types/elements/framewire-player.js";

type FramewirePlayerProps = DetailedHTMLProps<HTMLAttributes<FramewirePlayer>, FramewirePlayer> & {
  src?: string;
  token?: string;
  muted?: boolean;
  latency?: "lowest" | "low" | "smooth" | number;
  controls?: "no";
  fill?: boolean;
};

declare module "react" {
  namespace JSX {
    interface IntrinsicElements {
      "framewire-player": FramewirePlayerProps;
    }
  }
}
