// Speech through the browser and music through a player, once somebody has asked for sound.

export class Sound {
  constructor(button) {
    this.on = false;
    this.player = new Audio();
    this.button = button;
    button.addEventListener("click", () => this.switch());
  }

  switch() {
    this.on = !this.on;
    this.button.setAttribute("aria-pressed", this.on);
    this.button.querySelector(".sound-state").textContent = this.on ? "on" : "off";
    if (this.on) window.speechSynthesis?.speak(new SpeechSynthesisUtterance(""));
    else this.hush();
  }

  hear(caption) {
    if (!this.on) return;
    if (caption.kind === "line" || caption.kind === "other" || caption.kind === "mailbox") this.say(caption);
    else if (caption.kind === "music" || caption.kind === "recording") this.play(caption.url);
    else this.hush();
  }

  hush() {
    window.speechSynthesis?.cancel();
    this.player.pause();
  }

  say(caption) {
    this.player.pause();
    const words = new SpeechSynthesisUtterance(caption.text);
    if (caption.language) words.lang = caption.language;
    words.rate = 1.05;
    window.speechSynthesis?.speak(words);
  }

  play(url) {
    this.player.src = `/sound?${new URLSearchParams({ url })}`;
    this.player.play().catch(() => {});
  }
}
