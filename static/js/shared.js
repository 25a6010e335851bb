// The page of a share link.

import "elements/answer-prose.js"
import "elements/pop-menu.js"
import "elements/shared-turn.js"
import "elements/theme-picker.js"

import "elements/shared-page.js"
