use crate::context::{Context, Who};
use crate::organisation::Body;
use crate::role::Role;
use ui::AppError;
use uuid::Uuid;

/// Kinds of data that are fenced off from each other. A role says where somebody works; the class says what is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DataClass {
    /// Not public, without secrets: whoever holds any role there sees it.
    Internal,
    /// Work dossiers and their documents: for those who work there, not for who only looks after accounts.
    WorkDossier,
    /// Answers and results of the Front's survey before the Front publishes them: closed to the People's Committee.
    FrontSurvey,
    /// Personal data of others, see `facts/personal-data.toml`.
    Personal,
    /// Personal data that the law calls sensitive: only in a post, whose work it is.
    SensitivePersonal,
}

impl DataClass {
    /// All classes.
    pub const ALL: [DataClass; 5] = [DataClass::Internal, DataClass::WorkDossier, DataClass::FrontSurvey, DataClass::Personal, DataClass::SensitivePersonal];
}

impl Context {
    /// Whether data of a class may be read in a unit; `path` is the unit and all its ancestors.
    ///
    /// Administering opens nothing but [`DataClass::Internal`]: who looks after accounts does not read what they work on
    /// unless another role says so.
    pub fn may_read(&self, class: DataClass, path: &[Uuid]) -> bool {
        if self.who == Who::System {
            return true;
        }
        let today = self.today();
        let works = |roles: &[Role]| self.grants.iter().any(|g| roles.contains(&g.role) && g.holds_on(today) && path.contains(&g.unit));
        match class {
            DataClass::Internal => self.may(Role::Viewer, path),
            DataClass::WorkDossier => works(&[Role::Viewer, Role::Officer, Role::Reviewer]),
            DataClass::FrontSurvey => {
                let front = self.post().is_some_and(|post| post.body() == Some(Body::Front) && path.contains(&post.unit));
                front && works(&[Role::Viewer, Role::Officer, Role::Reviewer])
            }
            DataClass::Personal => works(&[Role::Officer, Role::Reviewer]),
            DataClass::SensitivePersonal => self.post().is_some() && works(&[Role::Officer, Role::Reviewer]),
        }
    }

    /// Refuses unless data of a class may be read in a unit; see [`Context::may_read`].
    ///
    /// # Errors
    /// 401 `sign_in_required` for the public, otherwise 403 `data_class_closed`.
    pub fn require_read(&self, class: DataClass, path: &[Uuid]) -> Result<(), AppError> {
        if self.may_read(class, path) {
            return Ok(());
        }
        self.require_signed_in()?;
        let (vi, en) = match class {
            DataClass::FrontSurvey => {
                ("Số liệu khảo sát của Mặt trận Tổ quốc chỉ mở cho người của Mặt trận.", "The Front's survey is open to people of the Front only.")
            }
            DataClass::Personal | DataClass::SensitivePersonal => {
                ("Dữ liệu cá nhân chỉ mở cho người có nhiệm vụ xử lý tại nơi này.", "Personal data are open only to those whose work here needs them.")
            }
            DataClass::Internal | DataClass::WorkDossier => {
                ("Nội dung này chỉ mở cho người làm việc tại nơi này.", "This is open only to those who work here.")
            }
        };
        Err(AppError::new("data_class_closed", 403).say(vi, en).mend(
            "Nếu đây là việc của bạn, nhờ người quản trị xem lại chức vụ và vai trò.",
            "If this is your work, ask the administrator to look at your post and role.",
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::organisation::OrganisationKind;
    use crate::post::{Post, PostKind};
    use crate::role::Grant;
    use jiff::Timestamp;
    use ui::Prefs;

    const HERE: Uuid = Uuid::from_u128(3);
    const ABOVE: Uuid = Uuid::from_u128(2);
    const THERE: Uuid = Uuid::from_u128(4);

    fn context(role: Role, unit: Uuid, post: Option<(&str, Uuid)>) -> Context {
        let who = Who::Account { id: Uuid::nil(), login: "a".into(), name: "A".into() };
        let grant = Grant { role, unit, from: jiff::civil::date(2020, 1, 1), to: None };
        let at: Timestamp = "2026-11-22T02:00:00Z".parse().unwrap();
        let context = Context::new(who, at, Prefs::default(), "r", vec![grant]);
        match post {
            None => context,
            Some((kind, unit)) => context.in_post(Post {
                id: Uuid::nil(),
                kind: PostKind::Head,
                title: String::new(),
                organisation: Uuid::nil(),
                organisation_name: String::new(),
                abbreviation: String::new(),
                organisation_kind: kind.to_owned(),
                unit,
            }),
        }
    }

    /// Every role × every kind of organisation (and none) × every class × here, above, elsewhere, against the rule in words.
    #[test]
    fn every_fence_holds_by_enumeration() {
        let path = [HERE, ABOVE];
        let mut kinds: Vec<Option<&str>> = OrganisationKind::all().iter().map(|k| Some(k.code.as_str())).collect();
        kinds.push(None);
        kinds.push(Some("gone"));
        let mut opened = 0;
        for role in Role::ALL {
            for kind in &kinds {
                for at in [HERE, ABOVE, THERE] {
                    for post_at in [HERE, ABOVE, THERE] {
                        let ctx = context(role, at, kind.map(|k| (k, post_at)));
                        let near = at != THERE;
                        let works = near && matches!(role, Role::Officer | Role::Reviewer);
                        for class in DataClass::ALL {
                            let expected = match class {
                                DataClass::Internal => near,
                                DataClass::WorkDossier => near && role != Role::Administrator,
                                DataClass::FrontSurvey => {
                                    near && role != Role::Administrator && matches!(kind, Some("front" | "mass-organisation")) && post_at != THERE
                                }
                                DataClass::Personal => works,
                                DataClass::SensitivePersonal => works && kind.is_some(),
                            };
                            assert_eq!(ctx.may_read(class, &path), expected, "{role:?} at {at} as {kind:?} of {post_at}: {class:?}");
                            assert_eq!(ctx.require_read(class, &path).is_ok(), expected);
                            opened += u32::from(expected);
                        }
                    }
                }
            }
        }
        assert!(opened > 100, "the table opens something");
        let public = Context::public("2026-11-22T02:00:00Z".parse().unwrap(), Prefs::default(), "r");
        for class in DataClass::ALL {
            assert_eq!(public.require_read(class, &path).unwrap_err().status, 401);
        }
    }
}
