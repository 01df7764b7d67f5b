export const SOURCE: "22db5180aee12506a2ea46c153eb7321adb393b050100d25f136d36000a1f737";
export const MODULE: string;
