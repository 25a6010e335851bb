// The page Spending. Elements first, the one that asks for the figures last.

import "admin/amount-dialog.js"
import "admin/spend-cards.js"
import "admin/spend-chart.js"
import "admin/spend-people.js"
import "admin/spend-period.js"
import "admin/spend-person.js"
import "admin/spend-prices.js"
import "admin/spend-requests.js"
import "admin/spend-rules.js"
import "elements/toast-list.js"

import "admin/spend-page.js"
