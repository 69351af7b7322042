"""Addresses of tariffs: plans, calendar, promotions, contract terms, zones, ceilings, usage categories, tax."""

from django.urls import path

import billing_site.web.converters  # noqa: F401 - gives addresses their <day:...>
from tariffs.views.basics import (
    BillItemList,
    CreateBillItem,
    CreateFeature,
    CreateUsageCategory,
    CreateWindowScheme,
    EditBillItem,
    FeatureList,
    SetFeaturePrice,
    WindowSchemeList,
)
from tariffs.views.calendars import Calendar, ImportSpecialDays, LoadSpecialDays, MarkSpecialDay, UnmarkSpecialDay
from tariffs.views.commitments import (
    ApproveCommitment,
    CashRoundingList,
    CommitmentList,
    CreateDiscount,
    CreateProvider,
    DiscountList,
    DraftCommitment,
    EndCommitment,
    ProviderList,
    SetCashRounding,
)
from tariffs.views.long_work import VersionJob
from tariffs.views.plans import CreatePlan, PlanList, PlanPage, RetirePlan
from tariffs.views.promotions import (
    ApproveContractTerm,
    ApprovePromotion,
    ContractTermList,
    DraftContractTerm,
    DraftPromotion,
    PromotionList,
    PromotionPage,
)
from tariffs.views.rate_decks import ConfirmRateDeck, LoadRateDeck, RateDeckPreview, RateDeckPreviewJob
from tariffs.views.taxes import CreateTaxCategory, SetTaxRate, TaxCategoryList, TaxRateList
from tariffs.views.usage_categories import MapUsageCategory, UsageCategoryList
from tariffs.views.versions import (
    CopyPlanVersion,
    DraftPlanVersion,
    EditPlanVersion,
    PublishPlanVersion,
    RejectPlanVersion,
    SetTestCalls,
    SubmitPlanVersion,
    VersionPage,
    VersionRates,
)
from tariffs.views.zones import (
    CreateZone,
    EndPriceCeiling,
    EndZonePoint,
    LoadZonePoints,
    LoadZonePrefixes,
    PriceCeilingList,
    RenameZone,
    SetPriceCeiling,
    ZoneList,
    ZonePointList,
    ZonePrefixList,
)

app_name = "tariffs"
urlpatterns = [
    path("calendar/", Calendar.as_view(), name="calendar"),
    path("calendar/mark/", MarkSpecialDay.as_view(), name="mark-special-day"),
    path("calendar/<day:day>/unmark/", UnmarkSpecialDay.as_view(), name="unmark-special-day"),
    path("calendar/load/", LoadSpecialDays.as_view(), name="load-special-days"),
    path("calendar/import/", ImportSpecialDays.as_view(), name="import-special-days"),
    path("minimums/", CommitmentList.as_view(), name="commitments"),
    path("minimums/draft/", DraftCommitment.as_view(), name="draft-commitment"),
    path("minimums/<int:commitment_id>/approve/", ApproveCommitment.as_view(), name="approve-commitment"),
    path("minimums/<int:commitment_id>/end/", EndCommitment.as_view(), name="end-commitment"),
    path("discounts/", DiscountList.as_view(), name="discounts"),
    path("discounts/create/", CreateDiscount.as_view(), name="create-discount"),
    path("cash-rounding/", CashRoundingList.as_view(), name="cash-roundings"),
    path("cash-rounding/set/", SetCashRounding.as_view(), name="set-cash-rounding"),
    path("providers/", ProviderList.as_view(), name="providers"),
    path("providers/create/", CreateProvider.as_view(), name="create-provider"),
    path("promotions/", PromotionList.as_view(), name="promotions"),
    path("promotions/draft/", DraftPromotion.as_view(), name="draft-promotion"),
    path("promotions/<int:promotion_id>/", PromotionPage.as_view(), name="promotion"),
    path("promotions/<int:promotion_id>/approve/", ApprovePromotion.as_view(), name="approve-promotion"),
    path("contract-terms/", ContractTermList.as_view(), name="contract-terms"),
    path("contract-terms/draft/", DraftContractTerm.as_view(), name="draft-contract-term"),
    path("contract-terms/<int:term_id>/approve/", ApproveContractTerm.as_view(), name="approve-contract-term"),
    path("zones/", ZoneList.as_view(), name="zones"),
    path("zones/create/", CreateZone.as_view(), name="create-zone"),
    path("zones/<int:zone_id>/prefixes/", ZonePrefixList.as_view(), name="zone-prefixes"),
    path("zones/<int:zone_id>/rename/", RenameZone.as_view(), name="rename-zone"),
    path("zones/<int:zone_id>/prefixes/load/", LoadZonePrefixes.as_view(), name="load-zone-prefixes"),
    path("zone-points/", ZonePointList.as_view(), name="zone-points"),
    path("zone-points/load/", LoadZonePoints.as_view(), name="load-zone-points"),
    path("zone-points/<int:point_id>/end/", EndZonePoint.as_view(), name="end-zone-point"),
    path("price-ceilings/", PriceCeilingList.as_view(), name="price-ceilings"),
    path("price-ceilings/set/", SetPriceCeiling.as_view(), name="set-price-ceiling"),
    path("price-ceilings/<int:ceiling_id>/end/", EndPriceCeiling.as_view(), name="end-price-ceiling"),
    path("windows/", WindowSchemeList.as_view(), name="window-schemes"),
    path("windows/create/", CreateWindowScheme.as_view(), name="create-window-scheme"),
    path("services/", FeatureList.as_view(), name="features"),
    path("services/create/", CreateFeature.as_view(), name="create-feature"),
    path("services/<int:feature_id>/price/", SetFeaturePrice.as_view(), name="set-feature-price"),
    path("bill-items/", BillItemList.as_view(), name="bill-items"),
    path("bill-items/create/", CreateBillItem.as_view(), name="create-bill-item"),
    path("bill-items/<int:item_id>/edit/", EditBillItem.as_view(), name="edit-bill-item"),
    path("tax-categories/", TaxCategoryList.as_view(), name="tax-categories"),
    path("tax-categories/create/", CreateTaxCategory.as_view(), name="create-tax-category"),
    path("tax-categories/<int:category_id>/rates/", TaxRateList.as_view(), name="tax-rates"),
    path("tax-categories/<int:category_id>/rates/set/", SetTaxRate.as_view(), name="set-tax-rate"),
    path("usage-categories/create/", CreateUsageCategory.as_view(), name="create-usage-category"),
    path("usage-categories/", UsageCategoryList.as_view(), name="usage-categories"),
    path("usage-categories/<str:category_code>/map/", MapUsageCategory.as_view(), name="map-usage-category"),
    path("plans/", PlanList.as_view(), name="plans"),
    path("plans/create/", CreatePlan.as_view(), name="create-plan"),
    path("plans/<int:plan_id>/", PlanPage.as_view(), name="plan"),
    path("plans/<int:plan_id>/draft/", DraftPlanVersion.as_view(), name="draft-plan-version"),
    path("plans/<int:plan_id>/retire/", RetirePlan.as_view(), name="retire-plan"),
    path("versions/<int:version_id>/", VersionPage.as_view(), name="plan-version"),
    path("versions/<int:version_id>/job/", VersionJob.as_view(), name="plan-version-job"),
    path("versions/<int:version_id>/rates/", VersionRates.as_view(), name="plan-version-rates"),
    path("versions/<int:version_id>/edit/", EditPlanVersion.as_view(), name="edit-plan-version"),
    path("versions/<int:version_id>/copy/", CopyPlanVersion.as_view(), name="copy-plan-version"),
    path("versions/<int:version_id>/examples/", SetTestCalls.as_view(), name="set-test-calls"),
    path("versions/<int:version_id>/deck/", LoadRateDeck.as_view(), name="load-rate-deck"),
    path("versions/<int:version_id>/deck/<int:job_id>/", RateDeckPreview.as_view(), name="rate-deck-preview"),
    path(
        "versions/<int:version_id>/deck/<int:job_id>/job/", RateDeckPreviewJob.as_view(), name="rate-deck-preview-job"
    ),
    path("versions/<int:version_id>/submit/", SubmitPlanVersion.as_view(), name="submit-plan-version"),
    path("versions/<int:version_id>/reject/", RejectPlanVersion.as_view(), name="reject-plan-version"),
    path("versions/<int:version_id>/publish/", PublishPlanVersion.as_view(), name="publish-plan-version"),
    path("decks/<int:deck_id>/confirm/", ConfirmRateDeck.as_view(), name="confirm-rate-deck"),
]
