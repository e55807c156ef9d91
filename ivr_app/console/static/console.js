// On a phone the navigation is wider than the screen: scroll the current page into view.
"use strict";
document.querySelector("nav [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
